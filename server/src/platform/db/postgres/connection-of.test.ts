import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { connectionOf } from './connection-of.ts'

const seenBy = ({ user, password, host, port, database, ssl }: pg.Client) => ({
  ...{ user, password, host, port, database, ssl },
})
const OURS = '-c TimeZone=UTC -c DateStyle=ISO'

describe('the address of the database', () => {
  it.each([
    'postgres://u:p@h/db',
    'postgres://u:p%40ss@h:5433/db?sslmode=disable',
    'postgres://u:p%zz é@h/db',
    'postgres://u:100%+ x@h/db?application_name=a b',
    'postgres://u:p^|{}`"<>@h/db',
    'postgres://u:p@%2Fvar%2Frun%2Fpg/db',
    'postgres:///db?host=/var/run/pg&user=u&port=7',
    'postgres://u:p@h/db?host=%2Ftmp%2Fa%2Bb&ssl=no-verify#end',
    'postgres://u:p@[::1]/d%20b?a&&=',
    'postgresql://U:p@HOST_x/DB?sslmode=no-verify',
  ])('reaches the driver as it is, with settings or without: %s', (url) => {
    const expected = seenBy(new pg.Client({ connectionString: url }))
    const [address = '', end = ''] = url.split('#')
    const more = `${address}${url.includes('?') ? '&' : '?'}options=-c%20a%3Db&lock_timeout=0${end && '#'}${end}`
    for (const each of [url, more]) expect(seenBy(new pg.Client(connectionOf(each)))).toEqual(expected)
  })

  it.each([
    ['', ''],
    ['?options=-c%20a%3Db', '-c a=b '],
    ['?options=-c%20a%3Db&x=y&options=-c+c%3Dd%C3%A9', '-c c=dé '],
    ['?%6Fptions=-c%20a%3Db', '-c a=b '],
    ['?options=-c%20a%3Db%5C', '-c a=b '],
    ['?options=-c%20a%3Db%5C%5C', '-c a=b\\\\ '],
    ['?options=-c%20a%3Db%5C%5C%5C', '-c a=b\\\\ '],
    ['?options=', ''],
  ])('with %s has our settings after its own', (query, given) => {
    const { connectionString, options } = connectionOf(`postgres://u:p@h/db${query}`)
    expect(options.slice(0, given.length + OURS.length)).toBe(`${given}${OURS}`)
    expect(connectionString).not.toContain('ptions')
  })

  it('keeps the planner to indexes where every statement has one, and the address cannot take that back', () => {
    const { connectionString, options } = connectionOf('postgres://u:p@h/db?enable_seqscan=on', {
      findsByIndex: true,
    })
    expect(options).toContain(`${OURS} `)
    expect(options).toMatch(/ -c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off$/)
    expect(connectionString).toBe('postgres://u:p@h/db')
    expect(connectionOf('postgres://u:p@h/db').options).not.toContain('enable_')
  })

  it.each(['lock_timeout=0', '%6Cock_timeout=0', 'a=b&lock_timeout=0&c', 'lock\n_timeout=0'])(
    'takes back none of our settings by %j',
    (query) => {
      const { connectionString } = connectionOf(`postgres://u:p@h/db?${query}`)
      expect(connectionString).not.toContain('timeout')
    },
  )
})
