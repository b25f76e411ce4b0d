import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatDay } from '../../../lib/format.ts'
import type { Me } from '../../../lib/me.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { MEMBERS_PER_PAGE, type Member, type MemberSearch, membersQuery } from '../api/members.ts'
import { roleWords, statusWords } from '../member-words.ts'
import { AdministerMember } from './administer-member.tsx'

const ROLES: readonly Me['role'][] = ['user', 'creator', 'moderator', 'admin', 'super_admin']
const STATUSES: readonly Me['status'][] = [
  'active',
  'inactive',
  'suspended',
  'banned',
  'pending_verification',
]
const EVERYBODY: MemberSearch = { words: '', role: '', status: '', skip: 0 }

function columns(onOpen: (member: Member) => void): readonly Column<Member>[] {
  return [
    { name: 'Username', cell: ({ username }) => `@${username}` },
    { name: 'Name', cell: ({ display_name }) => display_name ?? '–' },
    { name: 'Role', cell: ({ role }) => (role === undefined ? '–' : roleWords[role]) },
    {
      name: 'Standing',
      cell: ({ status }) =>
        status === undefined ? (
          '–'
        ) : (
          <Badge tone={status === 'active' ? 'good' : 'warning'}>{statusWords[status]}</Badge>
        ),
    },
    { name: 'Joined', cell: ({ created_at }) => formatDay(created_at) },
    {
      name: 'Decide',
      cell: (member) =>
        member.can?.administer === true ? (
          <Button isSmall aria-label={`Decide about ${member.username}`} onClick={() => onOpen(member)}>
            Decide
          </Button>
        ) : (
          <span className="text-ink-soft">Not yours to decide</span>
        ),
    },
  ]
}

/** Everybody who has an account: found, listed and decided about. */
export function MembersAdmin() {
  const [search, setSearch] = useState(EVERYBODY)
  const [opened, setOpened] = useState<Member>()
  const { data, error, isFetching, refetch } = useQuery(membersQuery(search))
  const narrow = (change: Partial<MemberSearch>) => setSearch({ ...search, skip: 0, ...change })
  const latest = data?.items.find(({ id }) => id === opened?.id) ?? opened
  return (
    <div className="grid gap-4">
      <SearchForm search={search} onSearch={narrow} />
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="the members" />}
      {data?.items.length === 0 && (
        <Empty title="Nobody fits the search.">
          {search.words === ''
            ? 'Choose another role or standing.'
            : 'By name only active members are found. For others, empty the name and choose their standing.'}
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <DataTable caption="Members" columns={columns(setOpened)} rows={data.items} keyOf={({ id }) => id} />
      )}
      {data !== undefined && (
        <Pages
          total={data.total ?? 0}
          skip={search.skip}
          isBusy={isFetching}
          onTurn={(skip) => narrow({ skip })}
        />
      )}
      {opened && latest && <AdministerMember member={latest} onClose={() => setOpened(undefined)} />}
    </div>
  )
}

interface SearchFormProps {
  readonly search: MemberSearch
  onSearch(change: Partial<MemberSearch>): void
}

function SearchForm({ search, onSearch }: SearchFormProps) {
  const [words, setWords] = useState(search.words)
  const isByName = search.words !== ''
  return (
    <search>
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          onSearch({ words: words.trim() })
        }}
      >
        <div className="min-w-48 grow sm:grow-0">
          <TextField
            label="Name"
            type="search"
            maxLength={100}
            value={words}
            onChange={({ target }) => setWords(target.value)}
          />
        </div>
        <Button type="submit">Search</Button>
        <SelectField
          label="Role"
          disabled={isByName}
          value={search.role}
          onChange={({ target }) => onSearch({ role: ROLES.find((role) => role === target.value) ?? '' })}
        >
          <option value="">All</option>
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {roleWords[role]}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Standing"
          disabled={isByName}
          value={search.status}
          onChange={({ target }) =>
            onSearch({ status: STATUSES.find((status) => status === target.value) ?? '' })
          }
        >
          <option value="">Active</option>
          {STATUSES.filter((status) => status !== 'active').map((status) => (
            <option key={status} value={status}>
              {statusWords[status]}
            </option>
          ))}
        </SelectField>
      </form>
    </search>
  )
}

interface PagesProps {
  readonly total: number
  readonly skip: number
  readonly isBusy: boolean
  onTurn(skip: number): void
}

function Pages({ total, skip, isBusy, onTurn }: PagesProps) {
  const last = Math.min(skip + MEMBERS_PER_PAGE, total)
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p role="status" className="text-sm text-ink-soft">
        {total === 0 ? 'None' : `${skip + 1} to ${last} of ${total}`}
      </p>
      <Button
        isSmall
        disabled={skip === 0}
        isBusy={isBusy && skip > 0}
        onClick={() => onTurn(Math.max(0, skip - MEMBERS_PER_PAGE))}
      >
        Previous
      </Button>
      <Button isSmall disabled={last >= total} onClick={() => onTurn(skip + MEMBERS_PER_PAGE)}>
        Next
      </Button>
    </div>
  )
}
