import { instant, succeeded, success } from '@outcry/contract/conventions'
import { defineContract } from '@outcry/contract/endpoint'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import type { Access } from './access.ts'
import { bindRoutes, defineRoute } from './route.ts'

const contract = defineContract({
  read: { method: 'GET', path: '/x', summary: 'Read', responses: { 200: success }, errors: [] },
  when: {
    method: 'GET',
    path: '/when',
    summary: 'Read',
    responses: { 200: Type.Object({ at: instant }) },
    errors: [],
  },
  two: {
    method: 'POST',
    path: '/two',
    summary: 'Two',
    body: Type.Object({ n: Type.Integer() }),
    responses: { 200: success, 202: Type.Object({ later: Type.Boolean() }) },
    errors: [],
  },
})

const handle = () => succeeded('Done.')

describe('defineRoute', () => {
  it('does not compile without access', () => {
    // @ts-expect-error access is missing
    expect(defineRoute(contract.read, { limit: 'default', handle }).access).toBeUndefined()
  })

  it('does not compile without a limit', () => {
    // @ts-expect-error limit is missing
    expect(defineRoute(contract.read, { access: 'anyone', handle }).limit).toBeUndefined()
  })

  it('does not compile when the answer misses the contract', () => {
    const incomplete = () => ({ success: true, data: null }) as const
    // @ts-expect-error the body has no message
    defineRoute(contract.read, { access: 'anyone', limit: 'default', handle: incomplete })
    defineRoute(contract.two, {
      access: 'anyone',
      limit: 'default',
      // @ts-expect-error 202 has another body
      handle: () => ({ status: 202, body: succeeded('x') }),
    })
    // @ts-expect-error an instant is not any text
    defineRoute(contract.when, { access: 'anyone', limit: 'default', handle: () => ({ at: 'yesterday' }) })
    expect(
      defineRoute(contract.when, { access: 'anyone', limit: 'default', handle: () => ({ at: new Date() }) }),
    ).toBeDefined()
    const asynchronous = defineRoute(contract.when, {
      access: 'anyone',
      limit: 'default',
      handle: async () => ({ at: new Date() }),
    })
    expect(asynchronous).toBeDefined()
  })

  it('types the actor by access and the body by contract', () => {
    const route = defineRoute(contract.two, {
      access: 'signed-in',
      limit: 'default',
      handle({ actor, body, query }, { greet }: { greet: (id: string) => string }) {
        // @ts-expect-error the contract has no query
        expect(query?.skip).toBeUndefined()
        const n: number = body.n
        return n > 1
          ? { status: 200, body: succeeded(greet(actor.id)) }
          : { status: 202, body: { later: true }, headers: { 'x-a': 'b' } }
      },
    })
    defineRoute(contract.read, {
      access: 'optional',
      limit: 'default',
      // @ts-expect-error the actor may be absent
      handle: ({ actor }) => succeeded(actor.id),
    })
    // @ts-expect-error greet is missing
    bindRoutes({}, { route })
    expect(bindRoutes({ greet: (id: string) => id }, { route })[0]?.name).toBe('route')
  })

  it('refuses idempotency on a route that does not know its caller', () => {
    const define = () =>
      defineRoute(contract.read, { access: 'anyone', limit: 'default', idempotent: true, handle })
    expect(define).toThrow('cannot be idempotent')
  })

  it.each<Access>(['anyone', 'fresh', 'fresh-where-due', { role: 'admin', fresh: true }])(
    'refuses a scope on a route with access %o, where no personal access token gets in',
    (access) => {
      const define = () => defineRoute(contract.read, { access, limit: 'default', scope: 'a:b', handle })
      expect(define).toThrow('takes no personal access token')
    },
  )
})
