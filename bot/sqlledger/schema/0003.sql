-- First words that have left before the answer to the pending messages was
-- worked out: the parts as JSON, '' when there are none.
ALTER TABLE conversation ADD COLUMN opening TEXT NOT NULL DEFAULT '';
