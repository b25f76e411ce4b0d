import { type Admission, Circuit, type CircuitRule, type Pass } from './circuit.ts'

const FAILURES = 5
const KEYS = 3
const OWNERS = 2
const MAX_CIRCUITS = 10_000 // some MB

/** One key: five failed reads, then each failed trial. */
const keyRule: CircuitRule = {
  isEnough: (failures) => failures.length >= FAILURES,
  isNews: () => true,
}

/**
 * One host: five failed reads with three keys of two members, and not one answer between them. A trial keeps it open only
 * when its key was not among those that failed, so nobody's own broken keys can keep others out.
 */
const hostRule: CircuitRule = {
  isEnough: (failures) =>
    failures.length >= FAILURES &&
    new Set(failures.map(({ key }) => key)).size >= KEYS &&
    new Set(failures.map(({ owner }) => owner)).size >= OWNERS,
  isNews: ({ key }, known) => known.every((failure) => failure.key !== key),
}

/** Whose key asks, and where. */
export interface KeyAtHost {
  readonly key: string
  readonly owner: string
  readonly host: string
}

/**
 * How a read ended: `answered` by the broker, whatever it said; `host_failed` without an answer, or with a failure of the
 * host itself; `key_failed` with something that cannot be read, which says nothing of the host; `unknown` when the
 * broker had no part in it.
 */
export type Ending = 'answered' | 'host_failed' | 'key_failed' | 'unknown'

/** Leave to ask; `end` is called once. */
export interface Leave {
  end(ending: Ending): void
}

/**
 * The breakers of all keys and hosts (R20): who asks for nothing while it would fail keeps nobody waiting. What is learnt of
 * one key never touches another one; only a host that answers nobody does.
 */
export class Breakers {
  readonly #keys = new Map<string, Circuit>()
  readonly #hosts = new Map<string, Circuit>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Leave to ask, or how long it will not be given. */
  admit(asker: KeyAtHost): Leave | { readonly waitMs: number } {
    const nowMs = this.#now()
    const host = this.#hosts.get(asker.host) ?? new Circuit(hostRule)
    this.#hosts.set(asker.host, host)
    const key = this.#keys.get(asker.key) ?? new Circuit(keyRule)
    const ofKey = key.admit(nowMs)
    if (isWait(ofKey)) return ofKey
    const ofHost = host.admit(nowMs)
    if (isWait(ofHost)) {
      key.release(ofKey)
      return ofHost
    }
    return { end: (ending) => this.#end(ending, { asker, host, key, ofKey, ofHost }) }
  }

  #end(ending: Ending, { asker, host, key, ofKey, ofHost }: Entered): void {
    const failure = { ...asker, atMs: this.#now() }
    if (ending === 'answered') {
      host.answered()
      key.answered()
      this.#keys.delete(asker.key)
      return
    }
    if (ending === 'host_failed') host.failed(ofHost, failure)
    else host.release(ofHost)
    if (ending === 'unknown') key.release(ofKey)
    else this.#failed(key, ofKey, failure)
  }

  #failed(key: Circuit, pass: Pass, failure: KeyAtHost & { atMs: number }): void {
    const circuit = this.#keys.get(failure.key) ?? key
    circuit.failed(pass, failure)
    this.#keys.delete(failure.key)
    this.#keys.set(failure.key, circuit)
    const oldest = this.#keys.size > MAX_CIRCUITS ? this.#keys.keys().next().value : undefined
    if (oldest !== undefined) this.#keys.delete(oldest)
  }
}

interface Entered {
  readonly asker: KeyAtHost
  readonly host: Circuit
  readonly key: Circuit
  readonly ofKey: Pass
  readonly ofHost: Pass
}

function isWait(admission: Admission): admission is { readonly waitMs: number } {
  return 'waitMs' in admission
}
