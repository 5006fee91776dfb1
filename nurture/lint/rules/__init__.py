"""The rules, a family a file: each looks at one thing a reader, a mail program or the law would object to."""
