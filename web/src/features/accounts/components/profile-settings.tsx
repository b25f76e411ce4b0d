import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { meQuery, useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Card } from '../../../ui/card.tsx'
import { TextAreaField, TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { changeProfile } from '../api/profile.ts'

const FIELDS = ['display_name', 'bio', 'website_url', 'location'] as const
type Profile = Record<(typeof FIELDS)[number], string>

/** What others see of the member, to be changed. */
export function ProfileSettings() {
  const me = useMe()
  const queries = useQueryClient()
  const [values, setValues] = useState<Profile>({
    display_name: me.display_name ?? '',
    bio: me.bio ?? '',
    website_url: me.website_url ?? '',
    location: me.location ?? '',
  })
  const submission = useSubmit({
    fields: FIELDS,
    send: (profile: Profile) => changeProfile(emptyIsNothing(profile)),
    onDone(changed) {
      queries.setQueryData(meQuery.queryKey, changed)
      showToast('Your profile is saved.')
    },
  })
  const bind = (name: keyof Profile) => ({
    name,
    value: values[name],
    error: submission.errorOf(name),
    onChange: ({ target }: { target: { value: string } }) => setValues({ ...values, [name]: target.value }),
  })
  return (
    <Card title={`@${me.username}`}>
      <Form submission={submission} action="Save" onSend={() => submission.send(values)}>
        <TextField label="Name" autoComplete="name" maxLength={100} {...bind('display_name')} />
        <TextAreaField label="About you" maxLength={500} hint="At most 500 characters." {...bind('bio')} />
        <TextField
          label="Website"
          hint="Begins with https:// or http://."
          inputMode="url"
          autoComplete="url"
          maxLength={500}
          {...bind('website_url')}
        />
        <TextField label="Where you are" maxLength={100} {...bind('location')} />
      </Form>
    </Card>
  )
}

function emptyIsNothing({ display_name, bio, website_url, location }: Profile) {
  return {
    display_name: display_name.trim() || null,
    bio: bio.trim() || null,
    website_url: website_url.trim() || null,
    location: location.trim() || null,
  }
}
