import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { succeeded, success } from '@outcry/contract/conventions'
import { defineContract } from '@outcry/contract/endpoint'
import { describe, expect, it } from 'vitest'
import { bindRoutes, defineRoute } from '../route.ts'
import { createRanking } from './request-rank.ts'

const contract = defineContract({
  signIn: { method: 'POST', path: '/sign-in', summary: 'Sign in', responses: { 200: success }, errors: [] },
})
const routes = bindRoutes(undefined, {
  signIn: defineRoute(contract.signIn, {
    access: 'anyone',
    limit: 'default',
    handle: () => succeeded('Done.'),
  }),
})
const isFirst = createRanking({ routes, sessionCookie: 'session' })

function rankOf(method: string, url: string, headers: Record<string, string> = {}): boolean {
  return isFirst(Object.assign(new IncomingMessage(new Socket()), { method, url, headers }))
}

const authorization = 'Bearer anything'

describe('who goes first when not all can be served', () => {
  it('is whoever shows a credential, and a question of a listed page before a request that has one', () => {
    expect(rankOf('GET', '/api/v1/things', { authorization })).toBe(true)
    expect(rankOf('GET', '/api/v1/things', { cookie: 'a=b; session=c' })).toBe(true)
    expect(rankOf('OPTIONS', '/api/v1/things', { 'access-control-request-method': 'PUT' })).toBe(true)
    expect(rankOf('OPTIONS', '/api/v1/things')).toBe(false)
    expect(rankOf('GET', '/api/v1/things')).toBe(false)
  })

  it.each(['/api/v1/sign-in', '/api/v1/%73ign-in', '/api/v1/sign-in?a=b'])(
    'is nobody who signs in: %s',
    (url) => {
      expect(rankOf('POST', url, { authorization, cookie: 'session=c' })).toBe(false)
    },
  )
})
