"""What the official plugin asks AWS for machines, services and functions: see ci_actions."""

from __future__ import annotations

from collections.abc import Mapping

from components.documents.ci_actions import of

DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "aws:ssm/document:Document": of(
        "ssm",
        "AddTagsToResource CreateDocument DeleteDocument DescribeDocument "
        "DescribeDocumentPermission GetDocument ListTagsForResource RemoveTagsFromResource "
        "UpdateDocument UpdateDocumentDefaultVersion",
    ),
}

MACHINES: Mapping[str, tuple[str, ...]] = {
    "aws:ec2/instance:Instance": of(
        "ec2",
        "DescribeIamInstanceProfileAssociations DescribeImages DescribeInstanceAttribute "
        "DescribeInstanceCreditSpecifications DescribeInstances DescribeInstanceTypes "
        "DescribeTags DescribeVolumes ModifyInstanceAttribute ModifyInstanceMetadataOptions "
        "MonitorInstances RunInstances StartInstances StopInstances TerminateInstances "
        "UnmonitorInstances",
    ),
}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "aws:ec2/securityGroup:SecurityGroup": of(
        "ec2",
        "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateSecurityGroup "
        "DeleteSecurityGroup DescribeNetworkInterfaces DescribeSecurityGroups "
        "RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
    ),
}

LOGS: Mapping[str, tuple[str, ...]] = {
    "aws:cloudwatch/logGroup:LogGroup": of(
        "logs",
        "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DescribeLogGroups "
        "DisassociateKmsKey ListTagsForResource PutRetentionPolicy TagResource UntagResource",
    ),
}

CLUSTERS: Mapping[str, tuple[str, ...]] = {
    "aws:ecs/cluster:Cluster": of(
        "ecs",
        "CreateCluster DeleteCluster DescribeClusters TagResource UntagResource UpdateCluster",
    ),
}

TASK_DEFINITIONS: Mapping[str, tuple[str, ...]] = {
    "aws:ecs/taskDefinition:TaskDefinition": of(
        "ecs", "DescribeTaskDefinition RegisterTaskDefinition TagResource UntagResource"
    ),
}

ECS_SERVICES: Mapping[str, tuple[str, ...]] = {
    "aws:ecs/service:Service": of(
        "ecs",
        "CreateService DeleteService DescribeServices TagResource UntagResource UpdateService",
    ),
}

BALANCERS: Mapping[str, tuple[str, ...]] = {
    "aws:lb/loadBalancer:LoadBalancer": of(
        "elasticloadbalancing",
        "AddTags CreateLoadBalancer DeleteLoadBalancer DescribeCapacityReservation "
        "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTags "
        "ModifyLoadBalancerAttributes RemoveTags SetIpAddressType SetSecurityGroups SetSubnets",
    ),
    "aws:lb/listener:Listener": of(
        "elasticloadbalancing",
        "AddTags CreateListener DeleteListener DescribeListenerAttributes DescribeListeners "
        "DescribeTags ModifyListener ModifyListenerAttributes RemoveTags",
    ),
    "aws:lb/targetGroup:TargetGroup": of(
        "elasticloadbalancing",
        "AddTags CreateTargetGroup DeleteTargetGroup DescribeTags DescribeTargetGroupAttributes "
        "DescribeTargetGroups ModifyTargetGroup ModifyTargetGroupAttributes RemoveTags",
    ),
}

SCHEDULES: Mapping[str, tuple[str, ...]] = {
    "aws:cloudwatch/eventRule:EventRule": of(
        "events",
        "DeleteRule DescribeRule DisableRule EnableRule ListTagsForResource PutRule TagResource "
        "UntagResource",
    ),
    "aws:cloudwatch/eventTarget:EventTarget": of(
        "events", "ListTargetsByRule PutTargets RemoveTargets"
    ),
}

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "aws:lambda/function:Function": of(
        "lambda",
        "CreateFunction DeleteFunction DeleteFunctionConcurrency GetFunction "
        "GetFunctionCodeSigningConfig GetFunctionConfiguration ListTags ListVersionsByFunction "
        "PutFunctionConcurrency TagResource UntagResource UpdateFunctionCode "
        "UpdateFunctionConfiguration",
    ),
}

ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "aws:lambda/functionUrl:FunctionUrl": of(
        "lambda",
        "AddPermission CreateFunctionUrlConfig DeleteFunctionUrlConfig GetFunctionUrlConfig "
        "RemovePermission UpdateFunctionUrlConfig",
    ),
    "aws:lambda/permission:Permission": of("lambda", "AddPermission GetPolicy RemovePermission"),
}

ROLLOUTS: Mapping[str, tuple[str, ...]] = {
    # Ours, not the plugin's: clients/ssm*.py, ecs.py, ecs_tasks.py, logs.py, lambda_.py.
    "rollout:index:HostRollout": of(
        "ssm", "CancelCommand DescribeInstanceInformation GetCommandInvocation SendCommand"
    ),
    "rollout:index:EcsRollout": of(
        "ecs",
        "DescribeServices DescribeTaskDefinition DescribeTasks ListTasks RunTask UpdateService",
    ),
    "rollout:index:LambdaRollout": of(
        "lambda",
        "CreateAlias DeleteAlias GetAlias GetFunction InvokeFunction PublishVersion UpdateAlias "
        "UpdateFunctionCode",
    ),
}
