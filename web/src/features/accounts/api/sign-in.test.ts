// @vitest-environment happy-dom
import { QueryClient } from '@tanstack/react-query'
import { afterEach, expect, it, vi } from 'vitest'
import { readSignedIn } from './sign-in.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

it('forgets what was shown before somebody signs in', async () => {
  vi.spyOn(document, 'cookie', 'get').mockReturnValue('__Host-outcry-signed-in=1')
  vi.stubGlobal('fetch', async () => Response.json({ id: 'bobby', username: 'bobby', status: 'active' }))
  const queries = new QueryClient()
  queries.setQueryData(['vault', 'accounts'], ["somebody else's"])
  expect(await readSignedIn(queries)).toMatchObject({ id: 'bobby' })
  expect(queries.getQueryData(['vault', 'accounts'])).toBeUndefined()
})
