import { describe, expect, it } from 'vitest'
import { type Columns, defineTable, text, uuid } from '../index.ts'
import { loadOrder } from './load-order.ts'

const table = (name: string, columns: Columns) =>
  defineTable(name, { id: uuid().primaryKey(), ...columns }, { access: { kind: 'system' } })
const to = (parent: string) => uuid().references(parent, 'id', 'restrict')

const orderOf = (...tables: ReturnType<typeof table>[]) =>
  loadOrder(tables).map((step) => [step.table.name, step.later])

describe('the order of filling', () => {
  it('puts parents before their children', () => {
    const tables = [
      table('c', { b_id: to('b') }),
      table('b', { a_id: to('a') }),
      table('a', { name: text(1) }),
    ]
    expect(orderOf(...tables)).toEqual([
      ['a', []],
      ['b', []],
      ['c', []],
    ])
  })

  it('leaves references to the own table for later', () => {
    expect(orderOf(table('a', { parent_id: to('a').nullable() }))).toEqual([['a', ['parent_id']]])
  })

  it('breaks a circle where null is allowed', () => {
    const tables = [table('a', { b_id: to('b') }), table('b', { a_id: to('a').nullable() })]
    expect(orderOf(...tables)).toEqual([
      ['b', ['a_id']],
      ['a', []],
    ])
  })

  it('refuses a circle that cannot be broken', () => {
    expect(() => orderOf(table('a', { b_id: to('b') }), table('b', { a_id: to('a') }))).toThrow(
      'in any order',
    )
    expect(() => orderOf(table('a', { a_id: to('a') }))).toThrow('in any order')
  })
})
