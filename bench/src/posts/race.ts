import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { DatabaseLocation } from '../../../server/src/platform/db/index.ts'
import { median } from '../harness/stats.ts'
import { type Settings, WARM_UP_MS } from '../harness/topic.ts'
import { type Ask, TASKS, type Task, type Told } from './contender-process.ts'
import type { ContenderChoice } from './contenders.ts'

/** Operations per second of each round, by task and then by contender module. */
export type Rates = Readonly<Partial<Record<Task, ReadonlyMap<string, readonly number[]>>>>

const TURNS = 5 // of each run

/** A contender in a process of its own, so that none warms or spoils the compiler for another. */
class Runner {
  readonly choice: ContenderChoice
  readonly #child = fork(join(import.meta.dirname, 'contender-process.ts'), { serialization: 'advanced' })
  #settle: (told: Told) => void = () => {}

  constructor(choice: ContenderChoice) {
    this.choice = choice
    this.#child.on('message', (told: Told) => this.#settle(told))
    this.#child.on('exit', (code) => this.#settle({ error: `its process ended with ${code}` }))
  }

  async ask(ask: Ask): Promise<number> {
    const answer = new Promise<Told>((resolve) => {
      this.#settle = resolve
    })
    this.#child.send(ask)
    const told = await answer
    if ('error' in told) throw new Error(`${this.choice.name}: ${told.error}`)
    return 'perSecond' in told ? told.perSecond : 0
  }

  end(): void {
    this.#child.kill()
  }
}

async function measureTask(
  runners: readonly Runner[],
  task: Task,
  how: { settings: Settings; inFlight: number },
) {
  const { settings, inFlight } = how
  const rates = new Map(runners.map(({ choice }) => [choice.module, [] as number[]]))
  const measure = (runner: Runner, ms: number) => runner.ask({ kind: 'measure', task, ms, inFlight })
  await Promise.all(
    runners.map((runner) => measure(runner, settings.isQuick ? settings.sampleMs : WARM_UP_MS)),
  )
  for (let round = 0; round < settings.rounds; round++) {
    const run = new Map(runners.map((runner) => [runner, [] as number[]]))
    // Note: turns are short and each starts with another contender, so that whatever else the machine does hits all alike.
    for (let turn = 0; turn < TURNS; turn++) {
      for (let i = 0; i < runners.length; i++) {
        const runner = runners[(i + round + turn) % runners.length]
        if (runner) run.get(runner)?.push(await measure(runner, settings.sampleMs / TURNS))
      }
    }
    for (const [{ choice }, perTurn] of run) rates.get(choice.module)?.push(median(perTurn))
  }
  return rates
}

export interface Race {
  readonly choices: readonly ContenderChoice[]
  /** Gives each contender a database of its own, all alike. */
  readonly locate: () => Promise<DatabaseLocation>
  readonly inFlight: number
  readonly settings: Settings
  readonly tasks?: readonly Task[]
}

/** Runs every task with every contender in turns, after each has shown that it reads and writes the same rows. */
export async function race({ choices, locate, inFlight, settings, tasks = TASKS }: Race): Promise<Rates> {
  const runners = choices.map((choice) => new Runner(choice))
  try {
    for (const runner of runners) {
      const { module, isSync } = runner.choice
      await runner.ask({ kind: 'open', module, isSync, location: await locate() })
      await runner.ask({ kind: 'check' })
    }
    const rates: Partial<Record<Task, Map<string, number[]>>> = {}
    for (const task of tasks) rates[task] = await measureTask(runners, task, { settings, inFlight })
    for (const runner of runners) await runner.ask({ kind: 'close' })
    return rates
  } finally {
    for (const runner of runners) runner.end()
  }
}
