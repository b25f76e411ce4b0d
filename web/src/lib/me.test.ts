// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const HINT = '__Host-outcry-signed-in=1'

let cookie: string
let respond: () => Response
const reload = vi.fn()
const memberOf = (id: string) => Response.json({ id, username: id, status: 'active' })
const signedOut = () =>
  Response.json(
    { ...{ type: 't', title: 't', status: 401, detail: 'd', instance: 'i' }, code: 'http.unauthenticated' },
    { status: 401 },
  )

/** The modules as a page that was just loaded has them. */
async function loadPage() {
  vi.resetModules()
  const [{ meQuery, readMeAnew }, { sessionEnd }, { watchMember }, { queryClient }] = await Promise.all([
    import('./me.ts'),
    import('./session-end.ts'),
    import('./watch-member.ts'),
    import('./query-client.ts'),
  ])
  return { meQuery, readMeAnew, sessionEnd, watchMember, queryClient }
}

let fetched: ReturnType<typeof vi.fn>
beforeEach(() => {
  cookie = HINT
  reload.mockReset()
  fetched = vi.fn(async () => respond())
  vi.spyOn(document, 'cookie', 'get').mockImplementation(() => cookie)
  vi.spyOn(location, 'reload').mockImplementation(reload)
  vi.stubGlobal('fetch', fetched)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

it('ends the session of the page once its cookies are gone', async () => {
  const { readMeAnew, sessionEnd } = await loadPage()
  respond = () => memberOf('alice')
  await readMeAnew()
  cookie = ''
  expect(await readMeAnew()).toBeNull()
  expect([sessionEnd.isEnded(), fetched.mock.calls.length]).toEqual([true, 1])
})

it('ends the session of the page once the server refuses it', async () => {
  const { readMeAnew, sessionEnd } = await loadPage()
  respond = () => memberOf('alice')
  await readMeAnew()
  respond = signedOut
  expect(await readMeAnew()).toBeNull()
  expect(sessionEnd.isEnded()).toBe(true)
})

it('takes a visitor for a visitor, without asking', async () => {
  const { readMeAnew, sessionEnd } = await loadPage()
  cookie = ''
  expect(await readMeAnew()).toBeNull()
  expect([sessionEnd.isEnded(), fetched.mock.calls.length]).toEqual([false, 0])
})

it('loads the page again when somebody else is signed in by now, and shows nothing of theirs', async () => {
  const { readMeAnew, queryClient, meQuery } = await loadPage()
  respond = () => memberOf('alice')
  await readMeAnew()
  await readMeAnew()
  expect(reload).not.toHaveBeenCalled()
  respond = () => memberOf('bobby')
  void readMeAnew()
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1))
  expect(queryClient.getQueryData(meQuery.queryKey)).toMatchObject({ id: 'alice' })
})

it.each([
  ['the window', () => dispatchEvent(new Event('focus'))],
  ['the tab', () => document.dispatchEvent(new Event('visibilitychange'))],
])('looks who is signed in when somebody comes back to %s', async (_what, comeBack) => {
  const { readMeAnew, watchMember } = await loadPage()
  respond = () => memberOf('alice')
  const stop = watchMember()
  comeBack()
  expect(fetched).not.toHaveBeenCalled()
  await readMeAnew()
  respond = () => memberOf('bobby')
  comeBack()
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1))
  stop()
  comeBack()
  expect(fetched).toHaveBeenCalledTimes(2)
})
