// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2
  static readonly made: FakeEventSource[] = []
  readyState = 0

  constructor() {
    super()
    FakeEventSource.made.push(this)
  }
  close() {
    this.readyState = FakeEventSource.CLOSED
  }
  open() {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  refuse() {
    this.readyState = FakeEventSource.CLOSED
    this.dispatchEvent(new Event('error'))
  }
}

const { made } = FakeEventSource
const isOpen = () => made.filter(({ readyState }) => readyState !== FakeEventSource.CLOSED).length

/** The modules as a page that was just loaded has them: other files of tests leave theirs behind. */
async function loadPage() {
  vi.resetModules()
  const [{ endSession }, { listenToServer }, { readMeAnew }] = await Promise.all([
    import('./api.ts'),
    import('./live-events.ts'),
    import('./me.ts'),
  ])
  return { endSession, listenToServer, readMeAnew }
}

let page: Awaited<ReturnType<typeof loadPage>>
let cookie: string
let visibility: 'visible' | 'hidden'
let respond: () => Response
let asked: number
let stop: () => void = () => undefined
let resyncs: number

beforeEach(async () => {
  page = await loadPage()
  vi.useFakeTimers()
  made.length = 0
  asked = 0
  resyncs = 0
  visibility = 'visible'
  cookie = '__Host-outcry-signed-in=1'
  respond = () => Response.json({ id: 'alice', username: 'alice', status: 'active' })
  vi.spyOn(document, 'cookie', 'get').mockImplementation(() => cookie)
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility)
  vi.stubGlobal('EventSource', FakeEventSource)
  vi.stubGlobal('fetch', async (request: Request | string) => {
    if (typeof request !== 'string') asked++
    return respond()
  })
})
afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function open() {
  const nothing = () => undefined
  stop = page.listenToServer({
    'session.ended': nothing,
    'credential.changed': nothing,
    resync: () => void resyncs++,
  })
}
const problem = (status: number, code: string) => () =>
  Response.json({ ...{ type: 't', title: 't', status, detail: 'd', instance: 'i' }, code }, { status })

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
async function turn(to: typeof visibility) {
  visibility = to
  document.dispatchEvent(new Event('visibilitychange'))
  await pass(1)
}

it('opens again after a refusal, and says that anything may have changed', async () => {
  open()
  made[0]?.refuse()
  await pass(5_000)
  expect([made.length, asked]).toEqual([2, 1])
  made[1]?.open()
  expect(resyncs).toBe(1)
})

it.each([
  ['is refused', () => (respond = problem(401, 'http.unauthenticated'))],
  ['has lost its cookies', () => (cookie = '')],
])('asks no more once the session %s', async (_why, end) => {
  open()
  end()
  made[0]?.refuse()
  await pass(3_600_000)
  expect(made.length).toBe(1)
  expect(asked).toBeLessThanOrEqual(1)
})

it('asks ever more rarely for as long as it is refused, and as soon as at first once it was heard', async () => {
  open()
  respond = problem(503, 'http.unavailable')
  made[0]?.refuse()
  await pass(3_600_000)
  expect(made.length).toBe(1)
  expect(asked).toBeGreaterThan(10)
  expect(asked).toBeLessThan(70)
  respond = () => Response.json({ id: 'alice', username: 'alice', status: 'active' })
  await pass(80_000)
  made[1]?.open()
  made[1]?.refuse()
  await pass(5_000)
  expect(made.length).toBe(3)
})

it('backs off also when only the stream is refused', async () => {
  open()
  for (let passed = 0; passed < 3_600; passed++) {
    made.at(-1)?.refuse()
    await pass(1_000)
  }
  expect(made.length).toBeLessThan(70)
})

it('holds no connection while nobody sees the page, and says so when they come back', async () => {
  open()
  made[0]?.open()
  await turn('hidden')
  expect(isOpen()).toBe(0)
  await pass(3_600_000)
  expect([made.length, asked]).toEqual([1, 0])
  await turn('visible')
  expect([made.length, asked, isOpen()]).toEqual([2, 1, 1])
  made[1]?.open()
  expect(resyncs).toBe(1)
})

it('opens none for a page that was opened out of sight', async () => {
  visibility = 'hidden'
  open()
  expect(made.length).toBe(0)
  await turn('visible')
  expect(isOpen()).toBe(1)
})

it('opens one, however quickly somebody goes and comes back', async () => {
  open()
  for (const to of ['hidden', 'visible', 'hidden', 'visible'] as const) void turn(to)
  await pass(10)
  expect(isOpen()).toBe(1)
  await turn('hidden')
  expect(isOpen()).toBe(0)
})

it('stays closed once the session is over, also when somebody comes back', async () => {
  await page.readMeAnew()
  open()
  page.endSession()
  expect(isOpen()).toBe(0)
  await turn('hidden')
  await turn('visible')
  expect(isOpen()).toBe(0)
})
