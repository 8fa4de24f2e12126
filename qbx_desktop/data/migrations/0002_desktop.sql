-- Side tables and added nullable columns of the desktop program.
-- Before this runs, legacy_repair has rebuilt trade_history with a nullable bot_id and mended orphans.
CREATE INDEX IF NOT EXISTS idx_trade_history_bot_id ON trade_history(bot_id);
CREATE INDEX IF NOT EXISTS idx_trade_history_notification ON trade_history(is_notification, is_read, timestamp);
CREATE INDEX IF NOT EXISTS idx_bots_status ON bots(status);
-- The documents recommend this one under two names; both are kept so that either script finds its own.
CREATE INDEX IF NOT EXISTS idx_backtest_results_timestamp ON backtest_results(timestamp);
CREATE INDEX IF NOT EXISTS idx_backtest_timestamp ON backtest_results(timestamp);
CREATE INDEX IF NOT EXISTS idx_watchlist_user_id ON watchlist(user_id);
CREATE INDEX IF NOT EXISTS idx_watchlist_symbol ON watchlist(symbol);

-- Pages by key: the newest rows of one bot, of one action, of one symbol, and the notifications.
CREATE INDEX IF NOT EXISTS qbx_history_bot ON trade_history(bot_id, id);
CREATE INDEX IF NOT EXISTS qbx_history_action ON trade_history(action, id);
CREATE INDEX IF NOT EXISTS qbx_history_symbol ON trade_history(symbol, id) WHERE symbol IS NOT NULL;
CREATE INDEX IF NOT EXISTS qbx_history_notification ON trade_history(id) WHERE is_notification = 1;
CREATE INDEX IF NOT EXISTS qbx_history_unread ON trade_history(id) WHERE is_notification = 1 AND is_read = 0;

CREATE TABLE app_meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL -- JSON
);

CREATE TABLE bot_settings (
    bot_id INTEGER PRIMARY KEY REFERENCES bots (id) ON DELETE CASCADE,
    sizing_mode TEXT NOT NULL DEFAULT 'LEGACY_UNSET' CHECK (sizing_mode IN ('FIXED_LOT', 'RISK_PERCENT', 'LEGACY_UNSET')),
    stop_mode TEXT NOT NULL DEFAULT 'LEGACY_UNSET' CHECK (stop_mode IN ('PIPS', 'ATR_MULT', 'LEGACY_UNSET')),
    risk_percent REAL NOT NULL DEFAULT 1.0,
    sl_atr REAL NOT NULL DEFAULT 2.0,
    tp_atr REAL NOT NULL DEFAULT 4.0,
    atr_period INTEGER NOT NULL DEFAULT 14,
    account INTEGER,
    server TEXT,
    live_consent INTEGER NOT NULL DEFAULT 0,
    limits_json TEXT,
    archived INTEGER NOT NULL DEFAULT 0,
    halted_reason TEXT,
    owner_user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    generation INTEGER NOT NULL DEFAULT 0
);
-- The old columns may mean percent and ATR multiples or lots and pips; both readings are kept until the trader chose.
INSERT INTO bot_settings (bot_id, risk_percent, sl_atr, tp_atr) SELECT id,
    CASE WHEN typeof(lot_size) IN ('integer', 'real') AND lot_size BETWEEN 0 AND 1e9 THEN lot_size ELSE 1.0 END,
    CASE WHEN typeof(sl_pips) IN ('integer', 'real') AND sl_pips BETWEEN 0 AND 1e9 THEN sl_pips ELSE 2.0 END,
    CASE WHEN typeof(tp_pips) IN ('integer', 'real') AND tp_pips BETWEEN 0 AND 1e9 THEN tp_pips ELSE 4.0 END
    FROM bots;

CREATE TABLE user_security (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    must_change INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    locked_until_ms INTEGER,
    lock_started_ms INTEGER,
    last_ok_ms INTEGER,
    role TEXT NOT NULL DEFAULT 'admin'
);
INSERT INTO user_security (user_id) SELECT id FROM users;

CREATE TABLE order_journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    bot_id INTEGER, -- no foreign key: rows outlive the bot
    bot_name TEXT NOT NULL,
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('OPEN', 'CLOSE', 'MODIFY', 'CANCEL')),
    side INTEGER NOT NULL,
    volume REAL NOT NULL CHECK (volume > 0 AND volume < 1e6),
    price REAL,
    sl REAL,
    tp REAL,
    deviation INTEGER,
    position_ticket INTEGER,
    magic INTEGER NOT NULL,
    comment TEXT NOT NULL,
    source TEXT NOT NULL, -- BOT | USER | API | KILL
    bar_time INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1 CHECK (attempt BETWEEN 1 AND 3),
    state TEXT NOT NULL CHECK (state IN ('DENIED', 'QUEUED', 'EXPIRED', 'SENDING', 'UNKNOWN',
        'FILLED', 'PARTIAL', 'REJECTED', 'NOT_PLACED', 'REVIEW')),
    retcode INTEGER,
    last_error TEXT,
    order_ticket INTEGER,
    deal_ticket INTEGER,
    filled REAL NOT NULL DEFAULT 0,
    fill_price REAL,
    created_ms INTEGER NOT NULL,
    sent_srv INTEGER,
    sent_ms INTEGER,
    resolved_ms INTEGER,
    clean_scans INTEGER NOT NULL DEFAULT 0,
    last_scan_ms INTEGER,
    resolution TEXT,
    request_json TEXT NOT NULL,
    result_json TEXT,
    prev_hash TEXT,
    row_hash TEXT
);
CREATE UNIQUE INDEX oj_once ON order_journal (bot_id, account, symbol, timeframe, bar_time, action,
    coalesce(position_ticket, 0), attempt);
CREATE UNIQUE INDEX oj_one_open_question ON order_journal (bot_id)
    WHERE state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'REVIEW');
CREATE UNIQUE INDEX oj_ticket ON order_journal (account, server, order_ticket)
    WHERE order_ticket IS NOT NULL AND order_ticket <> 0;
CREATE INDEX oj_deal ON order_journal (account, server, deal_ticket)
    WHERE deal_ticket IS NOT NULL AND deal_ticket <> 0;
CREATE INDEX oj_bot ON order_journal (bot_id, id);
CREATE INDEX oj_sent ON order_journal (sent_ms) WHERE sent_ms IS NOT NULL;
CREATE INDEX oj_position ON order_journal (position_ticket) WHERE position_ticket IS NOT NULL;

CREATE TABLE deals (
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    order_ticket INTEGER,
    position_id INTEGER,
    magic INTEGER,
    bot_id INTEGER,
    symbol TEXT,
    type INTEGER,
    side INTEGER,
    entry INTEGER,
    reason INTEGER,
    volume REAL,
    price REAL,
    profit REAL,
    swap REAL,
    commission REAL,
    fee REAL,
    time_srv_ms INTEGER,
    comment TEXT,
    external_id TEXT,
    PRIMARY KEY (account, server, ticket)
) WITHOUT ROWID;
CREATE INDEX deals_time ON deals (account, server, time_srv_ms);
CREATE INDEX deals_bot ON deals (bot_id, time_srv_ms);
CREATE INDEX deals_position ON deals (position_id);

CREATE TABLE equity_daily (
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    srv_day TEXT NOT NULL,
    start_equity REAL,
    peak_equity REAL,
    PRIMARY KEY (account, server, srv_day)
);

CREATE TABLE trading_state (
    scope TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'REDUCING', 'HALTED')),
    reason TEXT,
    by_user INTEGER,
    at_ms INTEGER
);

CREATE TABLE trade_journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    position_id INTEGER NOT NULL,
    notes TEXT,
    rating INTEGER CHECK (rating BETWEEN 1 AND 5),
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    UNIQUE (account, server, position_id)
);
CREATE TABLE trade_journal_tags (
    entry_id INTEGER NOT NULL REFERENCES trade_journal (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (entry_id, tag)
) WITHOUT ROWID;
CREATE INDEX trade_journal_by_tag ON trade_journal_tags (tag);

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    user_id INTEGER,
    source TEXT,
    what TEXT NOT NULL,
    detail TEXT,
    prev_hash TEXT,
    row_hash TEXT
);

CREATE TABLE strategy_trust (
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER,
    approved_by INTEGER,
    approved_ms INTEGER,
    PRIMARY KEY (path, sha256)
);

-- Beside backtest_results, not in it: its long JSON columns come before any added column, so that a list of
-- results would read every curve to reach a name.
CREATE TABLE backtest_extras (
    backtest_id INTEGER PRIMARY KEY REFERENCES backtest_results (id) ON DELETE CASCADE,
    name TEXT,
    starred INTEGER NOT NULL DEFAULT 0,
    note TEXT,
    bot_id INTEGER REFERENCES bots (id) ON DELETE SET NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    result_zjson BLOB -- the whole result, JSON compressed by zlib
);
