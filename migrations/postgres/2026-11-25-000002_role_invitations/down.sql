DROP TABLE former_owners;
DROP TABLE former_projects;
DROP TABLE role_invitations;
