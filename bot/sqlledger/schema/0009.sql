-- One customer over several channels: as whom somebody is remembered.
CREATE TABLE link (
	id       TEXT   PRIMARY KEY,              -- a customer as one channel knows them
	customer TEXT   NOT NULL,                 -- the ID of the customer row
	channel  TEXT   NOT NULL,                 -- the conversation in which it was proven
	thread   TEXT   NOT NULL,
	at       BIGINT NOT NULL
);
CREATE INDEX link_customer ON link (customer);

-- What customers carry from one channel to another, by its SHA-256.
CREATE TABLE pass (
	token    TEXT   PRIMARY KEY,
	customer TEXT   NOT NULL,
	channel  TEXT   NOT NULL,                 -- the conversation it was handed out in
	thread   TEXT   NOT NULL,
	until    BIGINT NOT NULL
);
