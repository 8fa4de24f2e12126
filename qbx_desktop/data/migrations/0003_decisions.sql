-- Every decision of a bot that was not "hold": the answer to "why did it (not) trade?".
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bot_id INTEGER NOT NULL, -- no foreign key: rows outlive the bot
    at_ms INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    bar_time INTEGER NOT NULL,
    inputs_hash TEXT NOT NULL,
    signal TEXT NOT NULL,
    explanation_code TEXT,
    explanation_json TEXT,
    move TEXT NOT NULL,
    verdict TEXT NOT NULL, -- 'allowed' or the code of the guard that refused
    outcome TEXT NOT NULL,
    journal_id INTEGER
);
CREATE INDEX decisions_bot ON decisions (bot_id, id);
