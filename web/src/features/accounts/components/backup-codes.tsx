import { Printer } from 'lucide-react'
import { siteName } from '../../../lib/page-meta.ts'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'

interface BackupCodesProps {
  readonly codes: readonly string[]
  readonly username: string
}

/** Backup codes, shown this once, to be printed or written down. */
export function BackupCodes({ codes, username }: BackupCodesProps) {
  return (
    <div className="grid min-w-0 gap-3">
      <Notice kind="warning" title="Keep these codes now. They are not shown again.">
        Each stands in for your authenticator app once, should you lose it.
      </Notice>
      <div className="printed grid gap-2">
        <p className="font-semibold">
          Backup codes of {username} at {siteName}
        </p>
        <ol className="grid max-w-2xl gap-x-6 gap-y-1 font-mono text-sm sm:grid-cols-2">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </div>
      <div>
        <Button onClick={() => print()}>
          <Printer size={16} aria-hidden="true" />
          Print the codes
        </Button>
      </div>
    </div>
  )
}
