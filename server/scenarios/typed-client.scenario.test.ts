import { createApiClient } from '@outcry/contract/client'
import { expect, it } from 'vitest'
import { forEachApp } from '../src/testing/start-test-app.ts'

forEachApp('the typed client', {}, (on) => {
  it('registers, signs in and reads the account with the types of the document', async () => {
    const body = { username: 'grace', email: 'grace@example.test', password: 'a long and quiet sentence' }
    const anonymous = createApiClient(on.app.url)
    const registered = await anonymous.POST('/api/v1/auth/register', { body })
    expect(registered.response.status).toBe(201)
    const signedIn = await anonymous.POST('/api/v1/auth/login/json', {
      body: { username_or_email: 'grace', password: body.password },
    })
    const client = createApiClient(on.app.url, { token: () => signedIn.data?.access_token })
    const me = await client.GET('/api/v1/auth/me')
    expect(me.data?.username).toBe('grace')
    expect(me.data?.id).toBe(registered.data?.id)
  })

  it('gives a problem as data, not as an exception', async () => {
    const { data, error, response } = await createApiClient(on.app.url).GET('/api/v1/auth/me')
    expect(response.status).toBe(401)
    expect(data).toBeUndefined()
    expect(error?.code).toBe('http.unauthenticated')
  })
})
