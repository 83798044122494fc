// Drives a running simulated org with jsforce as published. Every step asserts; the last line says "ok".
// Environment: SF_URL, SF_CLIENT_ID, SF_CLIENT_SECRET. The org is seeded; its query pages are small.
'use strict';
const assert = require('node:assert/strict');
const jsforce = require('jsforce');

const url = process.env.SF_URL;

async function arm(...faults) {
  await fetch(`${url}/_sim/faults`, { method: 'DELETE' });
  const res = await fetch(`${url}/_sim/faults`, { method: 'POST', body: JSON.stringify(faults) });
  assert.equal(res.status, 200);
}

async function login() {
  const oauth2 = new jsforce.OAuth2({
    loginUrl: url, clientId: process.env.SF_CLIENT_ID, clientSecret: process.env.SF_CLIENT_SECRET,
  });
  const conn = new jsforce.Connection({ oauth2, instanceUrl: url, version: '67.0' });
  const user = await conn.authorize({ grant_type: 'client_credentials' });
  assert.match(user.id, /^005\w{15}$/);
  assert.match(user.organizationId, /^00D\w{15}$/);
  assert.ok(conn.accessToken);
  return conn;
}

async function rows(conn) {
  const created = await conn.sobject('Contact').create({ LastName: 'Roth', FirstName: 'Ines', Phone: '(628) 555-0142' });
  assert.equal(created.success, true);
  const contact = await conn.sobject('Contact').retrieve(created.id);
  assert.equal(contact.Name, 'Ines Roth');
  const updated = await conn.sobject('Contact').update({ Id: created.id, Title: 'Buyer' });
  assert.equal(updated.success, true);
  const key = 'js-0001';
  const first = await conn.sobject('Task').upsert({ Cordboard_Key__c: key, Subject: 'Call', WhoId: created.id }, 'Cordboard_Key__c');
  const second = await conn.sobject('Task').upsert({ Cordboard_Key__c: key, Status: 'Completed' }, 'Cordboard_Key__c');
  assert.deepEqual([first.created, second.created, first.id === second.id], [true, false, true]);
  const doomed = await conn.sobject('Account').create({ Name: 'Doomed' });
  assert.equal((await conn.sobject('Account').destroy(doomed.id)).success, true);
  await assert.rejects(conn.sobject('Account').retrieve(doomed.id), (e) => e.errorCode === 'ENTITY_IS_DELETED');
  return created.id;
}

async function queries(conn, contactId) {
  let n = 0;
  let result = await conn.query('SELECT Id, Name FROM Contact ORDER BY Name');
  const total = result.totalSize;
  for (;;) {
    n += result.records.length;
    if (result.done) break;
    result = await conn.queryMore(result.nextRecordsUrl);
  }
  assert.ok(total > 20);
  assert.equal(n, total);
  const all = await conn.query('SELECT Id FROM Contact', { autoFetch: true, maxFetch: 1000 });
  assert.equal(all.records.length, total);
  const found = await conn.sobject('Task').find({ WhoId: contactId, IsClosed: true }, ['Id', 'Subject', 'Who.Name']).limit(5);
  assert.equal(found[0].Who.Name, 'Ines Roth');
  assert.equal(await conn.sobject('Task').count({ Cordboard_Key__c: 'js-0001' }), 1);
  const hit = await conn.search('FIND {6285550142} IN PHONE FIELDS RETURNING Contact(Id, Name), Lead(Id)');
  assert.deepEqual(hit.searchRecords.map((r) => r.Id), [contactId]);
}

async function collections(conn) {
  const tasks = [1, 2, 3].map((i) => ({ Cordboard_Key__c: `js-c${i}`, Subject: `Call ${i}` }));
  tasks[1].CallType = 'Sideways';
  const results = await conn.sobject('Task').upsert(tasks, 'Cordboard_Key__c', { allowRecursive: true });
  assert.deepEqual(results.map((r) => r.success), [true, false, true]);
  assert.equal(results[1].errors[0].statusCode, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
  const made = await conn.sobject('Lead').create([{ LastName: 'A', Company: 'X' }, { LastName: 'B' }]);
  assert.deepEqual(made.map((r) => r.success), [true, false]);
  const changed = await conn.sobject('Lead').update([{ Id: made[0].id, Rating: 'Hot' }]);
  assert.equal(changed[0].success, true);
  const got = await conn.sobject('Lead').retrieve([made[0].id]);
  assert.equal(got[0].Rating, 'Hot');
  const gone = await conn.sobject('Lead').destroy([made[0].id]);
  assert.equal(gone[0].success, true);
}

async function composite(conn) {
  const base = '/services/data/v67.0';
  const answer = await conn.request({
    method: 'POST', url: `${base}/composite`, headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ compositeRequest: [
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'acc', body: { Name: 'Composite' } },
      { method: 'PATCH', url: `${base}/sobjects/Task/Cordboard_Key__c/js-comp`, referenceId: 'task', body: { Subject: 'Call', WhatId: '@{acc.id}' } },
    ] }),
  });
  assert.deepEqual(answer.compositeResponse.map((r) => r.httpStatusCode), [201, 201]);
}

async function metadata(conn) {
  const task = await conn.sobject('Task').describe();
  assert.equal(task.fields.find((f) => f.name === 'Cordboard_Key__c').externalId, true);
  const global = await conn.describeGlobal();
  assert.ok(global.sobjects.some((o) => o.name === 'Call_Log__c'));
  const limits = await conn.limits();
  assert.ok(limits.DailyApiRequests.Remaining > 0);
  assert.ok(conn.limitInfo.apiUsage.used > 0);
  const me = await conn.identity();
  assert.equal(me.user_id, conn.userInfo.id);
}

async function errors(conn) {
  const code = (want) => (e) => { assert.equal(e.errorCode, want); return true; };
  await assert.rejects(conn.query('SELECT Nope__c FROM Task'), code('INVALID_FIELD'));
  await assert.rejects(conn.query('SELECT Id FORM Task'), code('MALFORMED_QUERY'));
  await assert.rejects(conn.sobject('Lead').create({ LastName: 'x' }), code('REQUIRED_FIELD_MISSING'));
  await assert.rejects(conn.sobject('Task').upsert({ Nope__c: '1' }, 'Nope__c'), code('NOT_FOUND'));
  await arm({ kind: 'request_limit', count: 1 });
  await assert.rejects(conn.limits(), code('REQUEST_LIMIT_EXCEEDED'));
  await arm({ kind: 'row_lock', object: 'Task', count: 1 });
  await assert.rejects(conn.sobject('Task').create({ Subject: 'x' }), code('UNABLE_TO_LOCK_ROW'));
  await arm({ kind: 'duplicate_rule', object: 'Contact', count: 1 });
  await assert.rejects(conn.sobject('Contact').create({ LastName: 'x' }), code('DUPLICATES_DETECTED'));
  const plain = new jsforce.Connection({ instanceUrl: url, accessToken: conn.accessToken, version: '67.0' });
  await arm({ kind: 'expired_token', count: 1 });
  await assert.rejects(plain.limits(), code('INVALID_SESSION_ID'));
  let logins = 0;
  const lasting = new jsforce.Connection({
    instanceUrl: url, accessToken: conn.accessToken, version: '67.0',
    refreshFn: async (c, done) => { logins++; done(null, (await login()).accessToken); },
  });
  assert.ok((await lasting.limits()).DailyApiRequests.Max > 0);
  assert.equal(logins, 1);
}

(async () => {
  const conn = await login();
  const contactId = await rows(conn);
  await queries(conn, contactId);
  await collections(conn);
  await composite(conn);
  await metadata(conn);
  await errors(conn);
  console.log('ok');
})().catch((e) => {
  console.error(e);
  process.exitCode = 1;
});
