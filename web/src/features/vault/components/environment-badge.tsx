import type { Environment } from '@outcry/contract/vault'
import { FileText, Zap } from 'lucide-react'

const LOOK = {
  live: { word: 'LIVE', Icon: Zap, className: 'border-live-ground bg-live-ground text-on-live' },
  paper: { word: 'PAPER', Icon: FileText, className: 'border-dashed border-paper text-paper' },
} as const

/**
 * Whether real money is at stake. Live is a filled badge with a bolt, paper a dashed one with a sheet: told apart by shape
 * and word, never by colour alone. It stands before the name that it is about.
 */
export function EnvironmentBadge({ environment }: { readonly environment: Environment }) {
  const { word, Icon, className } = LOOK[environment]
  return (
    <span
      className={`inline-flex shrink-0 items-center gap-1 rounded border-2 px-1.5 text-xs leading-5 font-bold tracking-wide ${className}`}
    >
      <Icon
        size={12}
        strokeWidth={2.5}
        aria-hidden="true"
        fill={environment === 'live' ? 'currentColor' : 'none'}
      />
      {word}
    </span>
  )
}
