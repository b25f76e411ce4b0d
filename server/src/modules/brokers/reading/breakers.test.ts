import { describe, expect, it } from 'vitest'
import { Breakers, type Ending, type KeyAtHost, type Leave } from './breakers.ts'
import { CIRCUIT_MS } from './circuit.ts'

const HOST = 'https://broker.example'

function setting() {
  const clock = { ms: 1_000_000 }
  const breakers = new Breakers(() => clock.ms)
  const asker = (key: string, owner = `owner of ${key}`): KeyAtHost => ({ key, owner, host: HOST })
  const admitted = (who: KeyAtHost): Leave => {
    const admission = breakers.admit(who)
    if ('waitMs' in admission) throw new Error(`${who.key} has to wait ${admission.waitMs} ms.`)
    return admission
  }
  const isKeptOut = (who: KeyAtHost): boolean => {
    const admission = breakers.admit(who)
    if ('waitMs' in admission) return true
    admission.end('unknown')
    return false
  }
  const ask = (who: KeyAtHost, ending: Ending, times = 1) => {
    for (let time = 0; time < times; time++) admitted(who).end(ending)
  }
  /** A host that answers nobody: five failures with three keys of three members. */
  const breakHost = () => {
    ask(asker('a'), 'host_failed', 2)
    ask(asker('b'), 'host_failed', 2)
    ask(asker('c'), 'host_failed')
  }
  return { clock, breakers, asker, admitted, isKeptOut, ask, breakHost }
}

describe('a key', () => {
  it('is kept out for 30 s after five failures, told how long, and no other key is', () => {
    const { clock, breakers, asker, ask, isKeptOut } = setting()
    ask(asker('a'), 'host_failed', 4)
    expect(isKeptOut(asker('a'))).toBe(false)
    ask(asker('a'), 'host_failed')
    clock.ms += 10_000
    expect(breakers.admit(asker('a'))).toEqual({ waitMs: CIRCUIT_MS - 10_000 })
    expect(isKeptOut(asker('b'))).toBe(false)
    expect(isKeptOut(asker('b', 'owner of a'))).toBe(false)
  })

  it('counts garbage like silence', () => {
    const { asker, ask, isKeptOut } = setting()
    ask(asker('a'), 'key_failed', 5)
    expect(isKeptOut(asker('a'))).toBe(true)
  })

  it('starts counting anew after an answer, and forgets failures of more than 30 s ago', () => {
    const { clock, asker, ask, isKeptOut } = setting()
    ask(asker('a'), 'host_failed', 4)
    ask(asker('a'), 'answered')
    ask(asker('a'), 'host_failed', 4)
    expect(isKeptOut(asker('a'))).toBe(false)
    clock.ms += CIRCUIT_MS
    ask(asker('a'), 'host_failed', 4)
    expect(isKeptOut(asker('a'))).toBe(false)
  })

  it('gets one try at a time afterwards: a failure keeps it out again, an answer lets it in', () => {
    const { clock, asker, admitted, ask, isKeptOut } = setting()
    ask(asker('a'), 'host_failed', 5)
    clock.ms += CIRCUIT_MS
    const trial = admitted(asker('a'))
    expect(isKeptOut(asker('a'))).toBe(true)
    trial.end('host_failed')
    expect(isKeptOut(asker('a'))).toBe(true)
    clock.ms += CIRCUIT_MS
    ask(asker('a'), 'answered')
    const both = [admitted(asker('a')), admitted(asker('a'))]
    for (const leave of both) leave.end('answered')
  })

  it('gets its try back when the broker had no part in how it ended', () => {
    const { clock, asker, ask, isKeptOut } = setting()
    ask(asker('a'), 'host_failed', 5)
    clock.ms += CIRCUIT_MS
    ask(asker('a'), 'unknown', 3)
    expect(isKeptOut(asker('a'))).toBe(false)
  })

  it('is not moved by what ends while it is kept out', () => {
    const { clock, asker, admitted, ask, isKeptOut } = setting()
    const late = Array.from({ length: 20 }, () => admitted(asker('a')))
    ask(asker('a'), 'host_failed', 5)
    clock.ms += CIRCUIT_MS - 1
    for (const leave of late) leave.end('host_failed')
    clock.ms += 1
    expect(isKeptOut(asker('a'))).toBe(false)
  })

  it('is let in when the clock was set back', () => {
    const { clock, asker, ask, isKeptOut } = setting()
    ask(asker('a'), 'host_failed', 5)
    clock.ms -= 3_600_000
    expect(isKeptOut(asker('a'))).toBe(false)
  })
})

describe('a host', () => {
  it('is left alone for 30 s when it answers nobody, and other hosts are not', () => {
    const { clock, asker, breakHost, isKeptOut, breakers } = setting()
    breakHost()
    expect(isKeptOut(asker('d'))).toBe(true)
    expect(breakers.admit({ ...asker('d'), host: 'https://other.example' })).not.toHaveProperty('waitMs')
    clock.ms += CIRCUIT_MS
    expect(isKeptOut(asker('d'))).toBe(false)
  })

  it.each([
    [
      'one key fails, however often',
      (s: ReturnType<typeof setting>) => {
        for (let time = 0; time < 50; time++) {
          s.clock.ms += CIRCUIT_MS
          s.ask(s.asker('a'), 'host_failed')
        }
      },
    ],
    [
      'all keys of one member fail',
      (s: ReturnType<typeof setting>) => {
        for (const key of ['a', 'b', 'c', 'd', 'e']) s.ask(s.asker(key, 'one'), 'host_failed', 5)
      },
    ],
    [
      'two keys fail',
      (s: ReturnType<typeof setting>) => {
        for (const key of ['a', 'b']) s.ask(s.asker(key), 'host_failed', 5)
      },
    ],
    [
      'many keys get garbage',
      (s: ReturnType<typeof setting>) => {
        for (const key of ['a', 'b', 'c', 'd', 'e']) s.ask(s.asker(key), 'key_failed', 5)
      },
    ],
    [
      'somebody got an answer between the failures',
      (s: ReturnType<typeof setting>) => {
        for (const key of ['a', 'b', 'c', 'd', 'e']) {
          s.ask(s.asker(key), 'host_failed', 4)
          s.ask(s.asker('healthy'), 'answered')
        }
      },
    ],
    [
      'the failures lie far apart',
      (s: ReturnType<typeof setting>) => {
        for (const key of ['a', 'b', 'c', 'd', 'e']) {
          s.ask(s.asker(key), 'host_failed')
          s.clock.ms += CIRCUIT_MS / 4
        }
      },
    ],
    [
      'the vault is away',
      (s: ReturnType<typeof setting>) => {
        for (const key of ['a', 'b', 'c', 'd', 'e']) s.ask(s.asker(key), 'unknown', 9)
      },
    ],
  ])('is asked on for everybody else when %s', (_when, happens) => {
    const all = setting()
    happens(all)
    expect(all.isKeptOut(all.asker('z'))).toBe(false)
  })

  it('lets one through afterwards: its failure keeps all out again, its answer lets all in', () => {
    const { clock, asker, admitted, ask, breakHost, isKeptOut } = setting()
    breakHost()
    clock.ms += CIRCUIT_MS
    const trial = admitted(asker('d'))
    expect(isKeptOut(asker('e'))).toBe(true)
    trial.end('host_failed')
    expect(isKeptOut(asker('e'))).toBe(true)
    clock.ms += CIRCUIT_MS
    ask(asker('e'), 'answered')
    for (const leave of [admitted(asker('f')), admitted(asker('g'))]) leave.end('answered')
  })

  it('is not kept from others by the keys that were broken before', () => {
    const { clock, asker, ask, breakHost, isKeptOut } = setting()
    breakHost()
    clock.ms += CIRCUIT_MS
    ask(asker('a'), 'host_failed')
    expect(isKeptOut(asker('d'))).toBe(false)
  })

  it('is open for all as soon as anybody gets an answer', () => {
    const { asker, admitted, breakHost, isKeptOut } = setting()
    const early = admitted(asker('early'))
    breakHost()
    expect(isKeptOut(asker('d'))).toBe(true)
    early.end('answered')
    expect(isKeptOut(asker('d'))).toBe(false)
  })
})
