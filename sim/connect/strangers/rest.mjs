// The AWS SDK for JavaScript asks the REST API what a connector asks, and prints the answers as it decoded them.
import { ConnectClient, DescribeContactCommand, DescribeUserCommand, GetContactAttributesCommand, GetCurrentUserDataCommand, ListUsersCommand } from "@aws-sdk/client-connect";
import { ConnectCampaignsV2Client, DescribeCampaignCommand, ListCampaignsCommand } from "@aws-sdk/client-connectcampaignsv2";

const site = JSON.parse(process.env.SITE);
const common = { region: site.region, endpoint: site.url, credentials: { accessKeyId: site.access_key_id, secretAccessKey: site.secret_access_key } };
const connect = new ConnectClient(common);
const campaigns = new ConnectCampaignsV2Client(common);
const InstanceId = site.instance_id;
const ContactId = process.env.CONTACT;

const contact = (await connect.send(new DescribeContactCommand({ InstanceId, ContactId }))).Contact;
const attributes = (await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId: ContactId }))).Attributes;
const users = (await connect.send(new ListUsersCommand({ InstanceId }))).UserSummaryList;
const user = (await connect.send(new DescribeUserCommand({ InstanceId, UserId: users[0].Id }))).User;
const now = (await connect.send(new GetCurrentUserDataCommand({ InstanceId, Filters: { Agents: [users[0].Id] } }))).UserDataList;
const modes = {};
for (const { id, name } of (await campaigns.send(new ListCampaignsCommand({}))).campaignSummaryList) {
  const { campaign } = await campaigns.send(new DescribeCampaignCommand({ id }));
  modes[name] = Object.keys(campaign.channelSubtypeConfig.telephony.outboundMode);
}
let missing = "";
try {
  await connect.send(new DescribeContactCommand({ InstanceId, ContactId: "nobody" }));
} catch (e) {
  missing = `${e.name} ${e.$metadata.httpStatusCode}`;
}
// Far beyond the quota: the SDK tries again by itself, three times in all, and gives up on some.
const answers = await Promise.allSettled(Array.from({ length: 20 }, () => connect.send(new DescribeContactCommand({ InstanceId, ContactId }))));
const refused = answers.filter((a) => a.status === "rejected").map((a) => a.reason);
console.log(JSON.stringify({
  contact: { number: contact.CustomerEndpoint.Address, campaign: contact.Campaign.CampaignId, initiated: contact.InitiationTimestamp instanceof Date, method: contact.InitiationMethod },
  attributes, users: users.length, username: user.Username, status: now[0].Status.StatusName, modes, missing,
  refused: refused.length, refusal: refused[0] && refused[0].name, attempts: refused[0] && refused[0].$metadata.attempts,
}));
