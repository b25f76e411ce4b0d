import { startStandIn } from '../../../tools/alpaca-stand-in/src/index.ts'

/** Where the broker's double listens for paper keys. */
export interface StandInHello {
  readonly url: string
}

const standIn = await startStandIn()
standIn.controls.settings({ requestsPerMinute: 1_000_000_000 })
process.on('disconnect', () => process.exit(0))
const hello: StandInHello = { url: standIn.paper.url }
process.send?.(hello)
