import type { WebFigures } from '../../web/journeys/measure/figures.ts'
import { startScript } from './harness/measured-process.ts'
import { spreadText } from './harness/report.ts'
import { median, spreadOf } from './harness/stats.ts'
import type { Section, Topic } from './harness/topic.ts'

const ROUNDS = 10
const AT_MOST = { signInSeconds: 1, switchingMs: 300, frameMs: 50, shift: 0.02 } as const
const SCRIPT = new URL('../../web/journeys/measure/main.ts', import.meta.url)

async function measure(rounds: number): Promise<WebFigures> {
  const { hello, process: child } = await startScript<WebFigures>(SCRIPT, { rounds })
  child.kill()
  return hello
}

function timesOf({ browser, signInMs, switchingMs, answerMs, longestFrameMs }: WebFigures): Section {
  const row = (name: string, atMost: string, measured: string) => [name, atMost, measured]
  const spread = (values: readonly number[], digits = 0) => spreadText(spreadOf(values), digits)
  const seconds = signInMs.map((ms) => ms / 1_000)
  return {
    title: 'What a person waits for',
    notes: [
      `${browser} without a window, drawing in software, in the same machine as the server (the demo, SQLite) and the broker's double.`,
      'The sign-in page is opened with an empty cache on a processor slowed down four times; it is interactive when its fields are drawn and the last task of 50 ms or more in the two seconds after is over.',
      `Switching: from the press on another credential in the header until its figures are drawn on the desk, the choice being stored in between. The server answered them in ${median(answerMs).toFixed(0)} ms of that, the broker's double included.`,
      'Scrolling: the longest time between two frames while the wheel goes through the whole page; the positions are the double’s own, repeated under other names.',
    ],
    header: ['', 'at most', 'measured'],
    rows: [
      row('sign-in page interactive, seconds', AT_MOST.signInSeconds.toFixed(1), spread(seconds, 2)),
      row(
        "another credential's figures, ms",
        `${AT_MOST.switchingMs} and the broker's own time`,
        spread(switchingMs),
      ),
      row('longest frame over 500 positions, ms', String(AT_MOST.frameMs), spread(longestFrameMs)),
    ],
  }
}

function shiftsOf({ shifts }: WebFigures): Section {
  return {
    title: `Layout shift of every page (at most ${AT_MOST.shift})`,
    notes: [
      'All that moved by itself within a second of the page being there, loaded once with an empty cache.',
    ],
    header: ['page', '360 px', '1440 px'],
    rows: shifts.map(({ path, phone, desk }) => [path, phone.toFixed(3), desk.toFixed(3)]),
  }
}

/** How fast the web app is for a person in a browser. */
export const topic: Topic = {
  title: 'The web app in a browser',
  sampling: (settings) => ({ ...settings, rounds: settings.isQuick ? 3 : ROUNDS }),
  sampled: ({ rounds }) =>
    `Medians of ${rounds} runs after one that does not count; in brackets the range of the middle half.`,
  async run({ rounds }) {
    const figures = await measure(rounds)
    return [timesOf(figures), shiftsOf(figures)]
  },
}
