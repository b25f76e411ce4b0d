import { defineErrors } from '../../platform/errors.ts'

/** What reading from a broker may end in. The broker's own words never get into these. */
export const brokersErrors = defineErrors('brokers', {
  brokerRejected: {
    status: 409,
    message: 'The broker did not accept this credential; test it, and replace its key if that fails.',
  },
  brokerRateLimited: {
    status: 429,
    message: 'The broker has had too many requests with this key; try again in {seconds} seconds.',
  },
  historyRefused: {
    status: 422,
    message: 'The broker has no curve of this period in these steps; choose others.',
  },
  pathRefused: {
    status: 400,
    message: 'This path or query cannot be sent to a broker; shorten it or percent-encode it.',
  },
  outcomeUnknown: {
    status: 503,
    message:
      'The answer of the broker was lost; look there whether it did what you asked before you send it again.',
  },
  orderAbsent: {
    status: 503,
    message:
      'The answer to this order was lost, and the broker does not have it yet; send it again only with the same client_order_id.',
  },
  brokerUnreachable: {
    status: 503,
    message: 'The broker did not answer as it should; try again in a minute.',
  },
})
