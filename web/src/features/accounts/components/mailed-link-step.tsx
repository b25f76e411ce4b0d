import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { meQuery } from '../../../lib/me.ts'
import { ApiProblem } from '../../../lib/problem.ts'
import { sessionEnd } from '../../../lib/session-end.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Refusal } from '../../../ui/refusal.tsx'

interface MailedLinkStepProps {
  /** The token of the mailed link. */
  readonly token: string
  send(token: string): Promise<unknown>
  onDone(): void
  /** What the button says. */
  readonly action: string
  /** What to do when the link is not valid any more. */
  readonly whenDead: ReactNode
  /** What can be done then. */
  readonly otherWay?: ReactNode
  /** What a press does. */
  readonly children: ReactNode
}

/**
 * Does what a mailed link is for on a press, so that programs which open the links of mails do nothing. It may end the session
 * of this browser, so who is signed in is read anew.
 */
export function MailedLinkStep(props: MailedLinkStepProps) {
  const { token, send, onDone, action, whenDead, otherWay, children } = props
  const queries = useQueryClient()
  const submission = useSubmit({
    send,
    async onDone() {
      sessionEnd.noteLeft()
      await queries.invalidateQueries(meQuery)
      onDone()
    },
  })
  if (submission.error instanceof ApiProblem && submission.error.code === 'accounts.token_invalid') {
    return (
      <div className="grid gap-4">
        <Notice kind="danger" title="This link is not valid any more">
          {whenDead}
        </Notice>
        {otherWay}
      </div>
    )
  }
  return (
    <div className="grid gap-4">
      {children}
      <Refusal {...submission} />
      <Button kind="primary" isBusy={submission.isBusy} onClick={() => submission.send(token)}>
        {action}
      </Button>
    </div>
  )
}
