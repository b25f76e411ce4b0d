import { formatDay } from '../../../lib/format.ts'
import { inWords } from '../../../lib/in-words.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import type { SystemStatus } from '../api/system.ts'

/** The keys that seal and sign, by what they are for; never the keys themselves. */
export function KeyList({ keys }: { readonly keys: SystemStatus['keys'] }) {
  return (
    <Card title="Keys">
      <ul className="grid gap-2">
        {keys.map(({ purpose, key_id, created_at, is_rotating, left_to_rewrap }) => (
          <li key={purpose} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <span>{inWords(purpose)}</span>
            <span className="flex w-full flex-wrap items-center gap-x-3 text-sm text-ink-soft sm:w-auto">
              {is_rotating && <Badge tone="warning">{left_to_rewrap} to seal anew</Badge>}
              <span className="font-mono">{key_id}</span>
              <span className="figures min-w-24 sm:text-right">
                {created_at === null ? '–' : formatDay(created_at)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
