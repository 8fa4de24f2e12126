-- One keyed hash per protected row (users, limits and accounts of bots, the agreed account): see seals.py.
CREATE TABLE seals (
    kind TEXT NOT NULL, -- 'user' | 'bot' | 'setting'
    id TEXT NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
