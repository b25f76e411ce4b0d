import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { sectionText } from './harness/report.ts'
import type { Settings, Topic } from './harness/topic.ts'

const ENDING = '.bench.ts'
const RESULTS = new URL('../RESULTS.md', import.meta.url)
const QUICK: Settings = { isQuick: true, rounds: 5, sampleMs: 120 }
const FULL: Settings = { isQuick: false, rounds: 11, sampleMs: 250 }

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const topics = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
const chosen = topics.filter((name) => flags.only === undefined || flags.only === name)
if (chosen.length === 0) throw new Error(`There is no topic ${flags.only}; there are: ${topics.join(', ')}.`)

for (const name of chosen) {
  const text = await runTopic(name, flags.quick ? QUICK : FULL)
  process.stdout.write(text)
  if (!flags.quick) await keep(name, text)
}

function inTurns({ rounds, sampleMs }: Settings): string {
  return `Medians of ${rounds} runs of ${sampleMs} ms each in short turns; in brackets the range of the middle half of the runs.`
}

async function runTopic(name: string, given: Settings): Promise<string> {
  const { topic }: { topic: Topic } = await import(`./${name}${ENDING}`)
  const settings = topic.sampling?.(given) ?? given
  const load = (loadavg()[0] ?? 0).toFixed(1) // more than about 0.5 means that the figures are noisy
  const sections = await topic.run(settings)
  const command = `npm run bench -- --only ${name}`
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, ${process.platform}`
  return [
    `## ${topic.title}`,
    '',
    `\`${command}\` on ${machine}, ${new Date().toISOString().slice(0, 10)}, load average ${load} before the start.`,
    (topic.sampled ?? inTurns)(settings),
    '',
    ...sections.map(sectionText),
    '',
  ].join('\n')
}

/** Replaces one topic's part of RESULTS.md and leaves the others as they were measured. */
async function keep(name: string, text: string): Promise<void> {
  const before = await readFile(RESULTS, 'utf8').catch(() => '# Benchmarks\n')
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const part = `${open}\n${text.trim()}\n${close}`
  const known = new RegExp(`${open}[^]*?${close}`)
  const after = known.test(before) ? before.replace(known, () => part) : `${before.trimEnd()}\n\n${part}\n`
  await writeFile(RESULTS, after)
}
