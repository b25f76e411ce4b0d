import { formatInstant } from '../../../lib/format.ts'
import { usePages } from '../../../lib/use-pages.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { type AccountEvent, accountEventsQuery } from '../api/account-events.ts'
import { eventInWords } from '../event-words.ts'

/** What happened to the member's account, so that they see what was not theirs. */
export function ActivitySettings() {
  const { items: events, failure, again, hasMore, isReadingMore, readMore } = usePages(accountEventsQuery)
  return (
    <Card title="Recent activity">
      <p className="text-ink-soft">
        Sign-ins and changes of your account, the latest first. If something here was not you, change your
        password and sign out the devices you do not know.
      </p>
      {events === undefined && failure === undefined && <Loading what="what happened" />}
      {events?.length === 0 && <Empty title="Nothing has happened yet." />}
      {events !== undefined && events.length > 0 && (
        <ol className="divide-y divide-line">
          {events.map((event) => (
            <EventItem key={event.id} event={event} />
          ))}
        </ol>
      )}
      {failure !== undefined && <Failed sentence={failure} onRetry={again} />}
      {hasMore && (
        <Button className="justify-self-start" isBusy={isReadingMore} onClick={readMore}>
          Show more
        </Button>
      )}
    </Card>
  )
}

function EventItem({ event }: { readonly event: AccountEvent }) {
  const { at, result, address, current, by_administrator } = event
  return (
    <li className="grid gap-1 py-3">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-semibold">{eventInWords(event)}</span>
        {result !== 'ok' && <Badge tone="danger">{result === 'refused' ? 'Refused' : 'Failed'}</Badge>}
        {current && <Badge tone="good">This device</Badge>}
      </p>
      <p className="text-sm break-words text-ink-soft">
        <time dateTime={at}>{formatInstant(at)}</time>
        {address !== null && `, from ${address}`}
        {by_administrator && ', by an administrator'}
      </p>
    </li>
  )
}
