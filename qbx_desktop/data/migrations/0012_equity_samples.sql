-- The account's equity minute by minute, hour by hour once a week has passed: what the equity chart shows between deals.
CREATE TABLE equity_samples (
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    time INTEGER NOT NULL, -- server epoch seconds
    balance REAL NOT NULL,
    equity REAL NOT NULL,
    lowest REAL NOT NULL, -- lowest equity seen since the sample before
    PRIMARY KEY (account, server, time)
) WITHOUT ROWID;
-- How far a closed trade ran for and against the trader; worked out once from the terminal's bars.
CREATE TABLE trade_excursions (
    position_id INTEGER NOT NULL,
    part INTEGER NOT NULL,
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    mfe REAL, -- money, NULL where the bars or the prices do not tell
    mae REAL,
    -- In an order of its own, so that a lost page tells to which table its rows belong.
    PRIMARY KEY (position_id, part, account, server)
) WITHOUT ROWID;
CREATE INDEX qbx_trade_excursions_account ON trade_excursions (account, server);
