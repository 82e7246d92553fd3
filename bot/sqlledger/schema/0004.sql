-- Who waits for a person is counted at every claim.
CREATE INDEX conversation_waiting ON conversation (owner) WHERE owner IN ('waiting', 'queued');
