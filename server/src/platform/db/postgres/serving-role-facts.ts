import type pg from 'pg'
import { SESSION_SETTINGS } from './connection-of.ts'

/** A role that the serving role is, or may become: what it may do beyond its grants. */
export interface RoleFacts {
  readonly name: string
  readonly is_serving: boolean
  readonly is_superuser: boolean
  readonly bypasses: boolean
  readonly makes_roles: boolean
  readonly makes_databases: boolean
  readonly replicates: boolean
  readonly reaches_files: boolean
  /** Such as `table public.sessions`. */
  readonly owns: readonly string[]
}

/** A policy as the server knows it; the expressions are in its own words. */
export interface PolicyFacts {
  readonly name: string
  /** As in `pg_policy.polcmd`: * for all, r for select, a for insert. */
  readonly command: string
  readonly is_permissive: boolean
  readonly is_for_everyone: boolean
  readonly using: string | null
  readonly check: string | null
}

/** A table of ours, or the history of migrations, as the serving role meets it. */
export interface TableFacts {
  readonly name: string
  readonly is_owned: boolean
  readonly is_secured: boolean
  /** Of `insert`, `update`, `delete` and `truncate`, what the serving role may, or a role that it may become. */
  readonly rights: readonly string[]
  readonly policies: readonly PolicyFacts[]
}

/** What `servingRoleProblems` judges. */
export interface ServingRoleFacts {
  /** What holds on its connection, by name. */
  readonly settings: Readonly<Record<string, string>>
  readonly roles: readonly RoleFacts[]
  readonly tables: readonly TableFacts[]
}

// Note: of the role that signed in, which is the one that SET ROLE asks about. For a superuser, who is a member of every
// role, that alone is enough to know. Temporary objects go with their session, and default privileges and user mappings
// are no objects of anybody's. The database itself is noted among the objects that all databases share.
const FACTS = `
  with here as (select oid from pg_database where datname = current_database()),
  serving as (select * from pg_roles where rolname = session_user),
  reached as (
    select r.* from pg_roles r, serving
    where r.oid = serving.oid or (not serving.rolsuper and pg_has_role(serving.oid, r.oid, 'member'))
  ),
  owned as (
    select d.refobjid as owner, o.type || ' ' || o.identity as object
    from pg_shdepend d cross join here
    cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) o
    where d.refclassid = 'pg_authid'::regclass and d.refobjid in (select oid from reached) and d.deptype = 'o'
      and (d.dbid = here.oid or (d.classid = 'pg_database'::regclass and d.objid = here.oid))
      and d.classid not in ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass)
      and not starts_with(coalesce(o.schema, ''), 'pg_temp')
  ),
  roles as (
    select r.rolname as name, r.rolname = session_user as is_serving, r.rolsuper as is_superuser,
      r.rolbypassrls as bypasses, r.rolcreaterole as makes_roles, r.rolcreatedb as makes_databases,
      r.rolreplication as replicates,
      r.rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files') as reaches_files,
      array(select object from owned where owner = r.oid order by object) as owns
    from reached r
  ),
  tables as (
    select c.relname as name, pg_has_role(session_user, c.relowner, 'member') as is_owned,
      c.relrowsecurity and c.relforcerowsecurity as is_secured,
      array(
        select verb from unnest('{insert,update,delete,truncate}'::text[]) with ordinality as verbs(verb, place)
        where exists (
          select from reached r where not r.rolsuper and (has_table_privilege(r.oid, c.oid, verb)
            or (verb in ('insert', 'update') and has_any_column_privilege(r.oid, c.oid, verb)))
        ) order by place
      ) as rights,
      array(
        select json_build_object('name', p.polname, 'command', p.polcmd, 'is_permissive', p.polpermissive,
          'is_for_everyone', p.polroles = '{0}', 'using', pg_get_expr(p.polqual, p.polrelid),
          'check', pg_get_expr(p.polwithcheck, p.polrelid))
        from pg_policy p where p.polrelid = c.oid order by p.polname
      ) as policies
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relname = any($1)
  )
  select
    (select json_object_agg(name, current_setting(name)) from unnest($2::text[]) name) as settings,
    (select coalesce(json_agg(r order by not r.is_serving, r.name), '[]') from roles r) as roles,
    (select coalesce(json_agg(t order by t.name), '[]') from tables t) as tables`

/** Reads them in one statement, as the serving role itself. */
export async function readServingRoleFacts(
  client: pg.Client,
  tables: readonly string[],
): Promise<ServingRoleFacts> {
  const names = SESSION_SETTINGS.map(([name]) => name)
  const { rows } = await client.query<ServingRoleFacts>(FACTS, [tables, names])
  return rows[0] ?? { settings: {}, roles: [], tables: [] }
}
