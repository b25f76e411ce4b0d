import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Me } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { CheckField, SelectField, TextAreaField, TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { administer, type Member, type Sanction, sanction } from '../api/members.ts'
import { roleWords, statusWords } from '../member-words.ts'

const GRANTED: readonly Me['role'][] = ['user', 'creator', 'moderator', 'admin']

interface AdministerMemberProps {
  readonly member: Member
  onClose(): void
}

/** Decides about a member: role and verification, and with a reason their standing. */
export function AdministerMember({ member, onClose }: AdministerMemberProps) {
  const { status } = member
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`@${member.username}`}
      description={status === undefined ? undefined : `Standing: ${statusWords[status]}.`}
    >
      <RoleForm member={member} onDone={onClose} />
      <StandingForm member={member} onDone={onClose} />
    </Dialog>
  )
}

function useDone() {
  const queries = useQueryClient()
  return (sentence: string) => {
    showToast(sentence)
    void queries.invalidateQueries({ queryKey: ['accounts', 'members'] })
  }
}

interface DecisionProps {
  readonly member: Member
  onDone(): void
}

function RoleForm({ member, onDone }: DecisionProps) {
  const [role, setRole] = useState(member.role)
  const [isVerified, setVerified] = useState(member.is_verified)
  const done = useDone()
  const submission = useSubmit({
    fields: ['role'],
    send: () =>
      administer(member.id, {
        ...(role === undefined || role === member.role ? {} : { role }),
        is_verified: isVerified,
      }),
    onDone() {
      done(`@${member.username} is changed.`)
      onDone()
    },
  })
  return (
    <Form submission={submission} action="Save" onSend={() => submission.send()}>
      <SelectField
        label="Role"
        value={role}
        error={submission.errorOf('role')}
        onChange={({ target }) => setRole(GRANTED.find((each) => each === target.value))}
      >
        {GRANTED.map((each) => (
          <option key={each} value={each}>
            {roleWords[each]}
          </option>
        ))}
      </SelectField>
      <CheckField
        label="Verified"
        hint="Shows everybody that you know who this is."
        checked={isVerified}
        onChange={({ target }) => setVerified(target.checked)}
      />
    </Form>
  )
}

const DONE: Record<Sanction, string> = { activate: 'opened', deactivate: 'closed', suspend: 'suspended' }

function StandingForm({ member, onDone }: DecisionProps) {
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const done = useDone()
  const submission = useSubmit({
    fields: ['reason', 'until'],
    send: (what: Sanction) =>
      sanction(member.id, {
        what,
        reason,
        until: until === '' ? null : new Date(`${until}T00:00`).toISOString(),
      }),
    onDone(_done, what) {
      done(`The account of @${member.username} is ${DONE[what]}.`)
      onDone()
    },
  })
  const isActive = member.status === 'active'
  return (
    <Form
      submission={submission}
      action={isActive ? 'Suspend' : 'Open the account'}
      kind={isActive ? 'danger' : 'primary'}
      beside={
        isActive && (
          <Button kind="danger" isBusy={submission.isBusy} onClick={() => submission.send('deactivate')}>
            Close the account
          </Button>
        )
      }
      className="border-t border-line pt-4"
      onSend={() => submission.send(isActive ? 'suspend' : 'activate')}
    >
      <h3>Standing</h3>
      <TextAreaField
        label="Reason"
        hint="Kept in the log of what administrators do."
        maxLength={500}
        rows={2}
        value={reason}
        error={submission.errorOf('reason')}
        onChange={({ target }) => setReason(target.value)}
      />
      {isActive && (
        <TextField
          label="Suspended until"
          hint="Leave it empty to suspend until further notice."
          type="date"
          value={until}
          error={submission.errorOf('until')}
          onChange={({ target }) => setUntil(target.value)}
        />
      )}
    </Form>
  )
}
