import { RefreshCw } from 'lucide-react'
import { formatTime } from '../../../lib/format.ts'
import { Button } from '../../../ui/button.tsx'

interface AsOfProps {
  readonly instant: string | undefined
  readonly isBusy: boolean
  onRefresh(): void
}

/** When the figures were read at the broker, and a way to read them again. Its place is kept until that is known. */
export function AsOf({ instant, isBusy, onRefresh }: AsOfProps) {
  return (
    <div className="flex items-center gap-3">
      <p className="text-sm text-ink-soft" role="status">
        {instant === undefined ? (
          <span aria-hidden="true" className="invisible">
            As of {formatTime(new Date().toISOString())}
          </span>
        ) : (
          <>
            As of <time dateTime={instant}>{formatTime(instant)}</time>
          </>
        )}
      </p>
      <Button isSmall isBusy={isBusy} onClick={onRefresh}>
        {!isBusy && <RefreshCw size={16} aria-hidden="true" />}
        Refresh
      </Button>
    </div>
  )
}
