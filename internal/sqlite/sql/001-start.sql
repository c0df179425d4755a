-- People, spaces, logs and epochs have long names (16 to 32 bytes). Every other table knows them by a small number.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32)
) STRICT;

-- A space is here as soon as anything names it.
CREATE TABLE spaces (
    no       INTEGER PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    identity INTEGER NOT NULL DEFAULT 0, -- 1: the pseudo-space of a person's identity log
    lamport  INTEGER NOT NULL DEFAULT 0, -- the greatest of any entry held
    listed   INTEGER NOT NULL DEFAULT 0, -- 1: this home is in it, was, or waits for it; what follows is known of it
    kind     INTEGER NOT NULL DEFAULT 0,
    owner    INTEGER REFERENCES people (no),
    awaited  INTEGER REFERENCES people (no), -- from whom the space is still to come
    joined   INTEGER,                        -- times in seconds since 1970
    ended    INTEGER
) STRICT;

-- The logs that this device writes at present.
CREATE TABLE own_logs (
    space       INTEGER NOT NULL REFERENCES spaces (no),
    lane        INTEGER NOT NULL,
    device      BLOB NOT NULL CHECK (length(device) = 32),
    incarnation BLOB NOT NULL CHECK (length(incarnation) = 16),
    PRIMARY KEY (space, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs (
    no      INTEGER PRIMARY KEY,
    space   INTEGER NOT NULL REFERENCES spaces (no),
    id      BLOB NOT NULL CHECK (length(id) = 16),
    secrets BLOB, -- null: entries wait for the key
    UNIQUE (space, id)
) STRICT;

-- The log of entries ------------------------------------------------------------------------------------------

CREATE TABLE logs (
    no           INTEGER PRIMARY KEY,
    id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    space        INTEGER NOT NULL REFERENCES spaces (no),
    device       BLOB NOT NULL CHECK (length(device) = 32),
    incarnation  BLOB NOT NULL CHECK (length(incarnation) = 16),
    lane         INTEGER NOT NULL,
    author       INTEGER NOT NULL REFERENCES people (no),
    head         INTEGER NOT NULL, -- sequence number, ID and Lamport time of the last entry held
    head_id      BLOB NOT NULL,
    head_lamport INTEGER NOT NULL
) STRICT;
CREATE INDEX logs_space ON logs (space, lane);

-- What is held of a log: disjoint ranges that do not touch.
CREATE TABLE held (
    log   INTEGER NOT NULL REFERENCES logs (no),
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    PRIMARY KEY (log, first)
) STRICT, WITHOUT ROWID;

-- Where the held entries are: count of them from first on have consecutive numbers from entry on. A segment ends
-- with the head of a run, of which it is the whole or the end, and lamport is that of the head; or it is the
-- beginning or middle of a run that came in parts, and lamport is null.
CREATE TABLE segments (
    log     INTEGER NOT NULL REFERENCES logs (no),
    first   INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    entry   INTEGER NOT NULL,
    lamport INTEGER,
    PRIMARY KEY (log, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX segments_runs ON segments (log, lamport) WHERE lamport IS NOT NULL;

-- Entries as received, numbered in the order of arrival.
CREATE TABLE entries (
    no        INTEGER PRIMARY KEY,
    log       INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    id        INTEGER NOT NULL,           -- the first 8 bytes of the entry's ID; the rest follows from the header
    erased    INTEGER NOT NULL DEFAULT 0, -- 1: there will be no payload any more
    header    BLOB NOT NULL,
    payload   BLOB,                       -- null: erased, or not here yet
    signature BLOB                        -- of the head of a run
) STRICT;
CREATE INDEX entries_id ON entries (id);
CREATE INDEX entries_missing ON entries (log, seq) WHERE payload IS NULL AND erased = 0;

-- Entries whose key has not arrived.
CREATE TABLE locked (
    epoch INTEGER NOT NULL REFERENCES epochs (no),
    entry INTEGER NOT NULL,
    PRIMARY KEY (epoch, entry)
) STRICT, WITHOUT ROWID;

-- Places whose entries are to arrive without a payload.
CREATE TABLE erased (
    log   BLOB NOT NULL CHECK (length(log) = 16),
    seq   INTEGER NOT NULL,
    space INTEGER NOT NULL REFERENCES spaces (no),
    PRIMARY KEY (log, seq, space)
) STRICT, WITHOUT ROWID;

-- Proofs of forked logs, one for each log.
CREATE TABLE evidence (
    log              BLOB PRIMARY KEY CHECK (length(log) = 16),
    space            BLOB NOT NULL,
    device           BLOB NOT NULL,
    incarnation      BLOB NOT NULL,
    lane             INTEGER NOT NULL,
    ours             BLOB NOT NULL,
    ours_signature   BLOB,
    theirs           BLOB NOT NULL,
    theirs_signature BLOB
) STRICT, WITHOUT ROWID;

-- The read models ---------------------------------------------------------------------------------------------

-- Decrypted items. Kinds: 1 card, 2 post, 3 comment, 4 reaction, 5 edit, 6 register, 8 what a group says of itself,
-- 9 a request to join one; those of later kinds are looked for by their kind.
CREATE TABLE items (
    entry     INTEGER PRIMARY KEY,
    kind      INTEGER NOT NULL,
    space     INTEGER NOT NULL,
    author    INTEGER NOT NULL,
    at        INTEGER NOT NULL, -- the order of display: seconds since 1970 × 8192 + Lamport time mod 8192
    received  INTEGER NOT NULL, -- seconds since 1970
    older     INTEGER,          -- where only the newest of an author counts, 1: a newer one counts in its stead; 0: it counts
    parent    INTEGER,          -- the first 8 bytes of parent_id
    parent_id BLOB,             -- what it hangs under: the post of a comment, the target of a reaction; may be still to come
    text      TEXT,             -- a name, a post's or comment's text, an emoji, a register's name
    extra     BLOB              -- what else there is: photos, the rest of a card or edit, a register's value
) STRICT;
CREATE INDEX items_feed ON items (at) WHERE kind IN (2, 11) AND parent IS NULL;
CREATE INDEX items_wall ON items (author, at) WHERE kind IN (2, 11) AND parent IS NULL;
CREATE INDEX items_space ON items (space, at) WHERE kind IN (2, 11) AND parent IS NULL;
CREATE INDEX items_about ON items (space) WHERE kind = 8;
CREATE INDEX items_asking ON items (space) WHERE kind = 9;
CREATE INDEX items_comments ON items (parent, space, at) WHERE kind = 3;
CREATE INDEX items_reactions ON items (parent, space, author) WHERE kind = 4 AND older = 0;
CREATE INDEX items_edits ON items (parent, space, author) WHERE kind = 5;
CREATE INDEX items_cards ON items (author, space) WHERE kind = 1 AND older = 0;
CREATE INDEX items_registers ON items (text, author) WHERE kind = 6;
CREATE INDEX items_photos ON items (at) WHERE kind = 2 AND extra IS NOT NULL; -- posts with photos, and a few others
CREATE INDEX items_photos_of ON items (author, at) WHERE kind = 2 AND extra IS NOT NULL;
CREATE INDEX items_later ON items (kind, space, at) WHERE kind >= 10;
CREATE INDEX items_under ON items (parent, space, kind, at) WHERE kind >= 10 AND parent IS NOT NULL;
CREATE INDEX items_older ON items (author, kind, space, parent) WHERE older = 1;
CREATE INDEX items_wordless ON items (space, at) WHERE kind = 13 AND text = ''; -- among them what sets the time of a chat

-- Messages that are to be gone by a time, in seconds since 1970.
CREATE TABLE fading (
    entry INTEGER PRIMARY KEY REFERENCES items (entry),
    until INTEGER NOT NULL
) STRICT;
CREATE INDEX fading_until ON fading (until);

-- Items that concern the owner of this home: answers to what they wrote, and where they are named.
CREATE TABLE news (
    entry INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL -- as in items
) STRICT;
CREATE INDEX news_at ON news (at, entry);

-- The comments of the owner of this home: what is said after them on the same post concerns them too.
CREATE TABLE talks (
    entry  INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL, -- as in items
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX talks_parent ON talks (parent, at);

-- The tags of posts, and of edits of posts and comments: what counts of them is looked at when they are read.
CREATE TABLE tags (
    tag   TEXT NOT NULL, -- folded, without the "#"
    at    INTEGER NOT NULL,
    entry INTEGER NOT NULL REFERENCES items (entry),
    PRIMARY KEY (tag, at, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_entry ON tags (entry);

-- Encrypted files that posts name, or that were made here.
CREATE TABLE blobs (
    no     INTEGER PRIMARY KEY,
    ref    BLOB NOT NULL UNIQUE CHECK (length(ref) = 32),
    here   INTEGER NOT NULL,
    unused INTEGER -- since when no post has named it, in seconds since 1970; null: a post does
) STRICT;
CREATE INDEX blobs_unused ON blobs (unused) WHERE unused IS NOT NULL;

-- The files of an item. Classes: of a photo 1 thumb, 2 screen, 3 original; 4 an attached file, 5 its poster, 6 an attached
-- file that is fetched on demand only.
CREATE TABLE files (
    entry INTEGER NOT NULL REFERENCES items (entry),
    photo INTEGER NOT NULL, -- the place of the photo or attached file in the item, from 0
    class INTEGER NOT NULL,
    blob  INTEGER NOT NULL REFERENCES blobs (no),
    size  INTEGER NOT NULL,
    want  INTEGER, -- the item's place in the feed while the file is to be fetched; null: here, or only on demand
    PRIMARY KEY (entry, photo, class)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_blob ON files (blob);
CREATE INDEX files_want ON files (want) WHERE want IS NOT NULL;

-- The index of words ------------------------------------------------------------------------------------------

-- Terms (package terms) by a small number. This is the only table of the index in which words can be read: a term whose
-- last use is gone is gone from here, and so from the disk.
CREATE TABLE terms (
    no   INTEGER PRIMARY KEY,
    term TEXT NOT NULL UNIQUE,
    uses INTEGER NOT NULL -- in how many documents
) STRICT;

-- Items that are found by their words. Their numbers follow kind and time: kind × 2^48 + seconds since 1970 × 16 + some
-- number that makes it unique. What is in the index is kept as it was put in, because it has to be taken out so.
CREATE TABLE documents (
    doc   INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL UNIQUE,
    terms BLOB NOT NULL -- flags, author, space, and the numbers of the terms, as varints
) STRICT;

-- In which documents a term is. The words of this table are numbers of terms, a number of an author behind an a, that of a
-- space behind an s, and p for what has photos. Nothing else is kept of them: neither texts nor places.
CREATE VIRTUAL TABLE postings USING fts5 (words, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
-- What is taken out is taken out of the pages at once, and not marked for later.
INSERT INTO postings (postings, rank) VALUES ('secure-delete', 1);

-- Items whose words are not in the index as they are now.
CREATE TABLE unindexed (
    entry INTEGER PRIMARY KEY
) STRICT;

-- Who holds what, and where they are ----------------------------------------------------------------------------

-- Other homes' devices, by their network key.
CREATE TABLE peers (
    no     INTEGER PRIMARY KEY,
    id     BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    person INTEGER NOT NULL REFERENCES people (no),
    seen   INTEGER -- when it was last connected, in seconds since 1970
) STRICT;
CREATE INDEX peers_person ON peers (person);

-- What a peer said that it holds of a log: disjoint ranges that do not touch.
CREATE TABLE acknowledged (
    log   INTEGER NOT NULL REFERENCES logs (no),
    peer  INTEGER NOT NULL REFERENCES peers (no),
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    PRIMARY KEY (log, peer, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE addresses (
    peer    BLOB NOT NULL CHECK (length(peer) = 32),
    address TEXT NOT NULL,
    success INTEGER NOT NULL, -- when it last worked, in seconds since 1970; 0: never
    PRIMARY KEY (peer, address)
) STRICT, WITHOUT ROWID;

-- This home ---------------------------------------------------------------------------------------------------

-- Settings, drafts, invites and other small documents, as JSON.
CREATE TABLE records (
    collection TEXT NOT NULL,
    id         TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;

-- Signed-in browsers, by the hash of their secret. Times in milliseconds since 1970.
CREATE TABLE sessions (
    secret     BLOB PRIMARY KEY CHECK (length(secret) = 32),
    user_agent TEXT NOT NULL,
    phone      TEXT NOT NULL, -- the name of a paired phone, or empty
    created    INTEGER NOT NULL,
    seen       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
