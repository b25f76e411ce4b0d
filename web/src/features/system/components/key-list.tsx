import { formatDay } from '../../../lib/format.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import type { SystemStatus } from '../api/system.ts'

/** The keys that seal and sign, by what they are for; never the keys themselves. */
export function KeyList({ keys }: { readonly keys: SystemStatus['keys'] }) {
  return (
    <Card title="Keys">
      <ul className="grid gap-2">
        {keys.map(({ purpose, key_id, created_at, is_rotating, left_to_rewrap }) => (
          <li key={purpose} className="flex flex-wrap items-center gap-x-3">
            <span className="grow">{purpose}</span>
            <span className="font-mono text-sm text-ink-soft">{key_id}</span>
            <span className="text-sm text-ink-soft">{created_at === null ? '' : formatDay(created_at)}</span>
            {is_rotating && <Badge tone="warning">{left_to_rewrap} to seal anew</Badge>}
          </li>
        ))}
      </ul>
    </Card>
  )
}
