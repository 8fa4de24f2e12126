-- Alerts of the watchlist beyond the one price a line itself carries: any number per line, each with its own condition.
CREATE TABLE watch_alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id INTEGER NOT NULL REFERENCES watchlist (id) ON DELETE CASCADE,
    condition TEXT NOT NULL, -- JSON, domain/alert_json.py
    schedule TEXT NOT NULL, -- JSON: how often, how many times, pause, end
    notes TEXT NOT NULL DEFAULT '',
    set_ms INTEGER NOT NULL, -- UTC, when it was made, changed or switched on again
    armed INTEGER NOT NULL DEFAULT 1,
    hits INTEGER NOT NULL DEFAULT 0,
    hit_ms INTEGER,
    hit_bar INTEGER NOT NULL DEFAULT 0, -- server epoch seconds
    measure REAL, -- bid, percent or points at the last look
    bar INTEGER NOT NULL DEFAULT 0 -- open of the last closed bar judged, server epoch seconds
);
CREATE INDEX qbx_watch_alerts_entry ON watch_alerts (entry_id);
