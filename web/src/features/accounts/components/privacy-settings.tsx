import { useMutation, useQueryClient } from '@tanstack/react-query'
import { meQuery, useMe } from '../../../lib/me.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { Card } from '../../../ui/card.tsx'
import { CheckField } from '../../../ui/field.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { changeProfile } from '../api/profile.ts'

/** Whether everybody may follow the member. */
export function PrivacySettings() {
  const me = useMe()
  const queries = useQueryClient()
  const { mutate, isPending, variables, error } = useMutation({
    mutationFn: (is_private: boolean) => changeProfile({ is_private }),
    onSuccess(changed) {
      queries.setQueryData(meQuery.queryKey, changed)
      showToast(changed.is_private ? 'Your account is private now.' : 'Your account is open now.')
    },
  })
  return (
    <Card title="Who may follow you">
      <CheckField
        label="Private account"
        hint="Only people whose request you accept see your followers and whom you follow. Those who follow you now stay."
        checked={isPending ? variables : me.is_private}
        onChange={({ target }) => !isPending && mutate(target.checked)}
      />
      {error !== null && <Notice kind="danger">{sentenceOf(error)}</Notice>}
    </Card>
  )
}
