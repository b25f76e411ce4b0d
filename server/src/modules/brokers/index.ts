export { brokersErrors } from './brokers.errors.ts'
export { type BrokerHosts, createProviders } from './providers.ts'
