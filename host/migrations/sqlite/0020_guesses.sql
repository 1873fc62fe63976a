-- Hosts that share a server's database count unknown keys there; processes that share a file count them for themselves.
SELECT 1;
