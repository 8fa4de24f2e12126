-- The same with the watchlist of the second document.
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, join_date DATETIME DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS bots (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, market TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'Dijeda', lot_size REAL NOT NULL DEFAULT 0.01, sl_pips INTEGER NOT NULL DEFAULT 100, tp_pips INTEGER NOT NULL DEFAULT 200, timeframe TEXT NOT NULL DEFAULT 'H1', check_interval_seconds INTEGER NOT NULL DEFAULT 60, strategy TEXT NOT NULL, strategy_params TEXT);
CREATE TABLE IF NOT EXISTS trade_history (id INTEGER PRIMARY KEY AUTOINCREMENT, bot_id INTEGER NOT NULL, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, action TEXT NOT NULL, details TEXT, is_notification INTEGER NOT NULL DEFAULT 0, is_read INTEGER NOT NULL DEFAULT 0, FOREIGN KEY (bot_id) REFERENCES bots (id) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS backtest_results (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, strategy_name TEXT NOT NULL, data_filename TEXT NOT NULL, total_profit_usd REAL NOT NULL, total_trades INTEGER NOT NULL, win_rate_percent REAL NOT NULL, max_drawdown_percent REAL NOT NULL, wins INTEGER NOT NULL, losses INTEGER NOT NULL, equity_curve TEXT, trade_log TEXT, parameters TEXT);
INSERT INTO users VALUES (1, 'Admin User', 'admin@quantumbotx.com', 'pbkdf2:sha256:1000$saltsalt$d7a0ff1d9fa6d60e2e5b3b8d9f2f3c4a5b6c7d8e9fa0b1c2d3e4f5061728394a', '2025-11-01 08:00:00');
INSERT INTO bots VALUES (2, 'Euro', 'EURUSD', 'Aktif', 0.01, 100, 200, 'H1', 60, 'MA_CROSSOVER', '{"fast_period": 20}');
INSERT INTO bots VALUES (3, 'Gold', 'XAUUSD', 'Berhenti', 1.0, 1.5, 3, 'M15', 30, 'RSI_CROSSOVER', NULL);
INSERT INTO bots VALUES (5, 'Broken', 'GBPUSD', 'Dijeda', 'abc', 9e999, 200, 'H1', 60, 'TURTLE_BREAKOUT', '{"x": NaN}');
INSERT INTO trade_history VALUES (1, 2, '2025-11-02 09:00:00', 'START', 'Bot dimulai', 1, 0);
INSERT INTO trade_history VALUES (2, 2, '2025-11-02 10:00:00', 'POSISI DIBUKA', 'BUY 0.01', 1, 1);
INSERT INTO trade_history VALUES (3, 4, '2025-11-02 10:00:00', 'INFO', 'of a deleted bot', 0, 0);
INSERT INTO trade_history VALUES (9, 0, '2025-11-02 11:00:00', 'STRATEGY_SWITCHED', 'of no bot', 1, 0);
INSERT INTO backtest_results VALUES (4, '2025-11-03 12:00:00', 'Moving Average', 'EURUSD_H1_data.csv', 123.5, 10, 60.0, 4.2, 6, 4, '[10000, 10123.5]', '[{"profit": 123.5}]', '{"fast_period": 20}');
-- Ids above the rows that are left were given once: bot 8, history 40.
UPDATE sqlite_sequence SET seq = 8 WHERE name = 'bots';
UPDATE sqlite_sequence SET seq = 40 WHERE name = 'trade_history';
CREATE TABLE IF NOT EXISTS watchlist (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, symbol TEXT NOT NULL, added_date DATETIME DEFAULT CURRENT_TIMESTAMP, notes TEXT, alert_price REAL, FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS idx_trade_history_bot_id ON trade_history(bot_id);
CREATE INDEX IF NOT EXISTS idx_watchlist_user_id ON watchlist(user_id);
CREATE INDEX IF NOT EXISTS idx_watchlist_symbol ON watchlist(symbol);
CREATE INDEX IF NOT EXISTS idx_backtest_timestamp ON backtest_results(timestamp);
INSERT INTO watchlist VALUES (1, 1, 'BTC/USDT', '2025-11-04 00:00:00', 'Potential breakout pattern forming', 50000.0);
INSERT INTO watchlist VALUES (2, 7, 'ETH/USDT', '2025-11-04 00:00:00', NULL, NULL);
