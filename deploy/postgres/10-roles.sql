-- Run once by psql as the superuser, on an empty cluster: the roles of Outcry and its database.
-- outcry_migrator owns the tables and changes them; outcry_app serves, owns nothing and never gets past row
-- security. The passwords come from the environment and are stored as SCRAM verifiers. outcry_backup reads every
-- table and outcry_audit the audit log, and neither writes; they cannot log in until they are given a password.
\set ON_ERROR_STOP on
\getenv migrator_password MIGRATOR_PASSWORD
\getenv app_password APP_PASSWORD

CREATE ROLE outcry_migrator LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'migrator_password';
CREATE ROLE outcry_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE ROLE outcry_backup NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE outcry_audit NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;

CREATE DATABASE outcry OWNER outcry_migrator;
REVOKE ALL ON DATABASE outcry FROM PUBLIC;
GRANT CONNECT ON DATABASE outcry TO outcry_app, outcry_backup, outcry_audit;
