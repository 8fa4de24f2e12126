-- Searches over many parameter sets, each result as soon as it is computed; and every set of settings ever tried.
CREATE TABLE searches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL, -- hash of everything the results depend on: a search of the same key can be resumed
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    task_json TEXT NOT NULL, -- what was asked for, to show and to run again
    fields_json TEXT NOT NULL, -- the names of the numbers in search_runs.figures, in their order
    total INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    state TEXT NOT NULL, -- 'open' until every combination was run
    result_zjson BLOB
);
CREATE INDEX searches_key ON searches (key, id);
CREATE TABLE search_runs (
    search_id INTEGER NOT NULL REFERENCES searches (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    combo_json TEXT NOT NULL,
    figures BLOB, -- little-endian float64, NaN where a figure is empty; NULL when the combination failed
    blocks BLOB,
    error_code TEXT,
    error_json TEXT,
    PRIMARY KEY (search_id, number)
) WITHOUT ROWID;
-- How often something was tried decides how good the best of it looks by luck alone, so nothing is ever deleted here.
CREATE TABLE trials (
    strategy TEXT NOT NULL,
    symbol TEXT NOT NULL,
    timeframe INTEGER NOT NULL, -- seconds
    settings_hash TEXT NOT NULL,
    first_time INTEGER NOT NULL, -- server epoch seconds of the first and last bar
    last_time INTEGER NOT NULL,
    day_sharpe REAL,
    runs INTEGER NOT NULL DEFAULT 1,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (strategy, symbol, timeframe, settings_hash)
) WITHOUT ROWID;
