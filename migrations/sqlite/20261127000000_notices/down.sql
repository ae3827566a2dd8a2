DROP TABLE notices;
DROP TABLE incidents;
ALTER TABLE user_streams DROP COLUMN notice_extra;
ALTER TABLE user_streams DROP COLUMN incidents;
ALTER TABLE jobs DROP COLUMN notices;
ALTER TABLE users DROP COLUMN notices;
