PRAGMA application_id = 1363302468;
PRAGMA user_version = 12;
BEGIN TRANSACTION;
CREATE TABLE app_meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO "app_meta" VALUES('magic_base','1454800000');
INSERT INTO "app_meta" VALUES('install_id','5a52f622ab6e07096780cad3a44ddeb3');
INSERT INTO "app_meta" VALUES('note','stored');
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
CREATE TABLE backtest_extras (
    backtest_id INTEGER PRIMARY KEY REFERENCES backtest_results (id) ON DELETE CASCADE,
    name TEXT,
    starred INTEGER NOT NULL DEFAULT 0,
    note TEXT,
    bot_id INTEGER REFERENCES bots (id) ON DELETE SET NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    result_zjson BLOB -- the whole result, JSON compressed by zlib
);
INSERT INTO "backtest_extras" VALUES(1,'',0,'',NULL,NULL,X'789CAB562A52B232AE05000883021C');
CREATE TABLE backtest_results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
    strategy_name TEXT NOT NULL,
    data_filename TEXT NOT NULL,
    total_profit_usd REAL NOT NULL,
    total_trades INTEGER NOT NULL,
    win_rate_percent REAL NOT NULL,
    max_drawdown_percent REAL NOT NULL,
    wins INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    equity_curve TEXT, -- Stored as JSON
    trade_log TEXT,    -- Stored as JSON
    parameters TEXT    -- Stored as JSON
);
INSERT INTO "backtest_results" VALUES(1,'2026-11-28 05:01:09','MA','f.csv',1.5,2,50.0,3.0,1,1,'[1.0]','[{"a":1}]','{"p":2}');
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
INSERT INTO "bot_settings" VALUES(1,'FIXED_LOT','PIPS',1.0,2.0,4.0,14,NULL,NULL,0,'{}',0,NULL,NULL,0);
CREATE TABLE bots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    market TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'Dijeda',
    lot_size REAL NOT NULL DEFAULT 0.01,
    sl_pips INTEGER NOT NULL DEFAULT 100,
    tp_pips INTEGER NOT NULL DEFAULT 200,
    timeframe TEXT NOT NULL DEFAULT 'H1',
    check_interval_seconds INTEGER NOT NULL DEFAULT 60,
    strategy TEXT NOT NULL,
    strategy_params TEXT
);
INSERT INTO "bots" VALUES(1,'Euro','EURUSD','Aktif',0.01,100,200,'H1',60,'MA_CROSSOVER','{"fast_period": 10}');
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
INSERT INTO "deals" VALUES(7,'Demo',6,5,0,0,1,'EURUSD',0,1,0,0,0.0,0.0,0.0,0.0,0.0,0.0,1750000000000,'','');
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
CREATE TABLE equity_daily (
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    srv_day TEXT NOT NULL,
    start_equity REAL,
    peak_equity REAL,
    PRIMARY KEY (account, server, srv_day)
);
CREATE TABLE equity_samples (
    account INTEGER NOT NULL,
    server TEXT NOT NULL,
    time INTEGER NOT NULL, -- server epoch seconds
    balance REAL NOT NULL,
    equity REAL NOT NULL,
    lowest REAL NOT NULL, -- lowest equity seen since the sample before
    PRIMARY KEY (account, server, time)
) WITHOUT ROWID;
INSERT INTO "equity_samples" VALUES(7,'Demo',1750000000,1000.0,990.0,980.0);
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
INSERT INTO "order_journal" VALUES(1,'d19436649f8a67035c6a74a12ac43232',1,'Euro',7,'Demo','EURUSD','H1','OPEN',1,0.1,NULL,NULL,NULL,NULL,NULL,1000000001,'QBABCDEFGHIJ','BOT',3600,1,'FILLED',NULL,NULL,5,6,0.1,1.1,1750000000000,NULL,1750000000001,NULL,0,NULL,NULL,'{}',NULL,'','a6c68ed8d02f7acd72897335d5337db95e15c291f67f6588385e597e446ff783');
CREATE TABLE seals (
    kind TEXT NOT NULL, -- 'user' | 'bot' | 'setting'
    id TEXT NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
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
INSERT INTO "search_runs" VALUES(1,0,'{}',X'3132333435363738',X'',NULL,NULL);
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
INSERT INTO "searches" VALUES(1,'k','grid','MA','{"a":1}','["net_profit"]',2,1,'open',NULL);
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL -- JSON
);
INSERT INTO "settings" VALUES('language','"id"');
CREATE TABLE strategy_trust (
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER,
    approved_by INTEGER,
    approved_ms INTEGER, source BLOB,
    PRIMARY KEY (path, sha256)
);
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
INSERT INTO "trade_excursions" VALUES(5,0,7,'Demo',3.0,-2.0);
CREATE TABLE "trade_history" (id INTEGER PRIMARY KEY AUTOINCREMENT, bot_id INTEGER, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, action TEXT NOT NULL, details TEXT, is_notification INTEGER NOT NULL DEFAULT 0, is_read INTEGER NOT NULL DEFAULT 0, user_id INTEGER, ts_ms INTEGER, seq INTEGER, orphan_bot_id INTEGER, code TEXT, params_json TEXT, level TEXT, symbol TEXT, topic TEXT, FOREIGN KEY (bot_id) REFERENCES bots (id) ON DELETE CASCADE);
INSERT INTO "trade_history" VALUES(1,1,'2025-06-15 15:06:40','INFO','row 0',0,0,NULL,1750000000000,1,NULL,'plain','{"text": "row 0"}','info','EURUSD',NULL);
INSERT INTO "trade_history" VALUES(2,1,'2025-06-15 15:06:40','INFO','row 1',1,0,NULL,1750000000001,2,NULL,'plain','{"text": "row 1"}','info','EURUSD',NULL);
INSERT INTO "trade_history" VALUES(3,1,'2025-06-15 15:06:40','INFO','row 2',0,0,NULL,1750000000002,3,NULL,'plain','{"text": "row 2"}','info','EURUSD',NULL);
INSERT INTO "trade_history" VALUES(4,NULL,'2025-06-15 15:06:40','WATCHLIST_ADD','Symbol EURUSD added with alert $1.25',1,0,1,1750000000000,NULL,NULL,'watchlist.added','{"symbol": "EURUSD", "alert_price": "$1.25"}','info','EURUSD',NULL);
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
INSERT INTO "trade_journal" VALUES(1,NULL,7,'Demo',5,'good',4,1,1);
CREATE TABLE trade_journal_tags (
    entry_id INTEGER NOT NULL REFERENCES trade_journal (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (entry_id, tag)
) WITHOUT ROWID;
INSERT INTO "trade_journal_tags" VALUES(1,'plan');
CREATE TABLE trading_state (
    scope TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'REDUCING', 'HALTED')),
    reason TEXT,
    by_user INTEGER,
    at_ms INTEGER
);
INSERT INTO "trading_state" VALUES('bot:1','REDUCING','stored',NULL,1750000000000);
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
INSERT INTO "trials" VALUES('MA','EURUSD',3600,'h',1,2,0.1,1,3);
CREATE TABLE user_security (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    must_change INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    locked_until_ms INTEGER,
    lock_started_ms INTEGER,
    last_ok_ms INTEGER,
    role TEXT NOT NULL DEFAULT 'admin'
);
INSERT INTO "user_security" VALUES(1,0,0,NULL,NULL,NULL,'practice');
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    join_date DATETIME DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO "users" VALUES(1,'Practice','practice@localhost','!','2026-11-28 05:01:09');
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
INSERT INTO "watch_alerts" VALUES(1,1,'{"kind": "bar", "timeframe": "H1", "left": ["rsi", 14], "is": "below", "right": ["number", 30]}','{"often": "per_bar", "timeframe": null, "most": 3, "pause": 0, "expires_ms": null}','',1750000000000,1,0,NULL,0,NULL,0);
CREATE TABLE watchlist (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    added_date DATETIME DEFAULT CURRENT_TIMESTAMP,
    notes TEXT,
    alert_price REAL, alert_direction TEXT, alert_armed INTEGER, alert_hit_ms INTEGER, last_price REAL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "watchlist" VALUES(1,1,'EURUSD','2026-11-28 05:01:09',NULL,1.25,NULL,1,NULL,NULL);
CREATE INDEX idx_trade_history_bot_id ON trade_history(bot_id);
CREATE INDEX idx_trade_history_notification ON trade_history(is_notification, is_read, timestamp);
CREATE INDEX idx_bots_status ON bots(status);
CREATE INDEX idx_backtest_results_timestamp ON backtest_results(timestamp);
CREATE INDEX idx_backtest_timestamp ON backtest_results(timestamp);
CREATE INDEX idx_watchlist_user_id ON watchlist(user_id);
CREATE INDEX idx_watchlist_symbol ON watchlist(symbol);
CREATE INDEX qbx_history_bot ON trade_history(bot_id, id);
CREATE INDEX qbx_history_action ON trade_history(action, id);
CREATE INDEX qbx_history_symbol ON trade_history(symbol, id) WHERE symbol IS NOT NULL;
CREATE INDEX qbx_history_notification ON trade_history(id) WHERE is_notification = 1;
CREATE INDEX qbx_history_unread ON trade_history(id) WHERE is_notification = 1 AND is_read = 0;
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
CREATE INDEX deals_time ON deals (account, server, time_srv_ms);
CREATE INDEX deals_bot ON deals (bot_id, time_srv_ms);
CREATE INDEX deals_position ON deals (position_id);
CREATE INDEX trade_journal_by_tag ON trade_journal_tags (tag);
CREATE INDEX decisions_bot ON decisions (bot_id, id);
CREATE INDEX searches_key ON searches (key, id);
CREATE INDEX qbx_watch_alerts_entry ON watch_alerts (entry_id);
CREATE INDEX qbx_trade_excursions_account ON trade_excursions (account, server);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('trade_history',4);
INSERT INTO "sqlite_sequence" VALUES('bots',2);
INSERT INTO "sqlite_sequence" VALUES('users',1);
INSERT INTO "sqlite_sequence" VALUES('watchlist',1);
INSERT INTO "sqlite_sequence" VALUES('watch_alerts',1);
INSERT INTO "sqlite_sequence" VALUES('backtest_results',1);
INSERT INTO "sqlite_sequence" VALUES('order_journal',1);
INSERT INTO "sqlite_sequence" VALUES('trade_journal',1);
INSERT INTO "sqlite_sequence" VALUES('searches',1);
COMMIT;
