import type { BrokerData } from './broker-data.ts'

/** What the routes of this module work with. */
export interface BrokersServices {
  readonly data: BrokerData
}
