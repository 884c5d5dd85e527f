// One complaint from its opening to its result, written from docs/contract.md alone.
//
//   TEMPORAL_ADDRESS   where Temporal is, 127.0.0.1:7233 when not set
//   TOUSU_TASK_QUEUE   the workers' task queue, tousu when not set
//   TOUSU_KEYS         seals what is sent; without it everything is sent as plain JSON: on trial only
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ApplicationFailure,
  Client,
  Connection,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { TousuCodec } from './codec';

interface Accepted {
  event: string;
  seq: number;
  stage: string;
  next_due: string | null;
  ref: string | null;
  time_zone: string | null;
}

const taskQueue = process.env.TOUSU_TASK_QUEUE ?? 'tousu';
const tell = (step: string, what: unknown) => console.log(JSON.stringify({ step, what }));

/** Starts the workflow; `WorkflowExecutionAlreadyStartedError` if the complaint is open already. */
function open(client: Client, intake: { complaint_id: string; respondent: { unit: string } }): Promise<WorkflowHandle> {
  return client.workflow.start('ComplaintWorkflow', {
    taskQueue,
    workflowId: `complaint-${intake.complaint_id}`,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    workflowIdConflictPolicy: 'FAIL',
    args: [{ intake }],
    staticSummary: `理赔 · 电话 · ${intake.respondent.unit}`,
    priority: { priorityKey: 3, fairnessKey: intake.respondent.unit },
  });
}

/** Waits until the process has come to *stage*; throws what the run failed of when the opening was turned away. */
async function reach(handle: WorkflowHandle, stage: string): Promise<void> {
  for (;;) {
    if ((await handle.describe()).status.name === 'FAILED') await handle.result();
    const view = await handle.query<{ stage: string }>('view').catch(() => undefined);
    if (view?.stage === stage) return;
    await pause(200);
  }
}

/** Returns the code of a refusal, of a command or of an opening; anything else is thrown on. */
function refusal(error: unknown): string {
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) {
    if (error.cause instanceof ApplicationFailure && error.cause.type) return error.cause.type;
  }
  throw error;
}

/** Gives a command, once however often it is sent under its id; again while the machine has not got that far. */
async function command(handle: WorkflowHandle, name: string, actor: string, fields: object, id: string = randomUUID()) {
  for (;;) {
    try {
      const args: [object] = [{ id, actor, ...fields }];
      return await handle.executeUpdate<Accepted, [object]>(name, { args, updateId: id });
    } catch (error) {
      if (refusal(error) !== 'NoCallback') throw error;
      await pause(200);
    }
  }
}

async function main(): Promise<void> {
  const ring = process.env.TOUSU_KEYS;
  const client = new Client({
    connection: await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' }),
    dataConverter: ring ? { payloadCodecs: [new TousuCodec(ring)] } : {},
  });
  const intake = {
    complaint_id: `TS-${randomUUID()}`,
    received_at: new Date(Date.now() - 60_000).toISOString(),
    channel: 'phone',
    complainant: { kind: 'person', name: '示例甲', contact: { phone: '020-00000001' } },
    respondent: { unit: 'gd-gz' },
    facts: '理赔款迟迟未付。',
    categories: ['claims'],
  };
  const [service, claims, superior] = ['p-gd-gz-kf-01', 'p-gd-gz-yg-01', 'p-gd-kf-03'];

  const wrong = await open(client, { ...intake, channel: 'pigeon' } as typeof intake);
  tell('wrong opening', await reach(wrong, 'investigating').catch(refusal));

  const handle = await open(client, intake); // the id is free again, because its opening failed
  await reach(handle, 'investigating');
  tell('accepted', handle.workflowId);

  tell('classified', await command(handle, 'classify', service, { complexity: 'complex', reason: '涉及多次住院' }));
  const asked = await command(handle, 'request_extension', service, { days: 30, reason: '需等待医院调取病历' });
  tell('asked', asked);
  const approval = { request: asked.ref, reason: '情况特别复杂，同意' };
  tell('own approval', await command(handle, 'approve_extension', service, approval).catch(refusal));
  const first = await command(handle, 'approve_extension', superior, approval, 'approval-1');
  const again = await command(handle, 'approve_extension', superior, approval, 'approval-1');
  tell('approved', { first, again });

  tell('found', await command(handle, 'submit_findings', claims, { findings: '经核实，审核超时。' }));
  await reach(handle, 'deciding');
  const decision = {
    liability: 'responsible',
    causes: ['claims_delay'],
    decision: '向您支付理赔款并致歉。',
    verification: '经核实，理赔资料齐全。',
    basis: '保险法第二十三条。',
    reasons: '审核环节延误。',
    agreed: true,
  };
  tell('decided', await command(handle, 'decide', service, decision));
  await reach(handle, 'calling_back');
  tell('called back', await command(handle, 'record_callback', 'p-gd-gz-kf-02', { reached: true, satisfaction: 4 }));
  tell('closed', await command(handle, 'close', service, { reason: '处理完毕，客户认可。' }));
  tell('result', await handle.result()); // months later: when the time for a review is over
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
