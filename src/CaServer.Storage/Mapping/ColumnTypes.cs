using System.Data;
using CaServer.Domain;
using Dapper;

namespace CaServer.Storage;

/// <summary>How the domain's values stand in columns: ids as integers, times as milliseconds, states as their wire names.</summary>
internal static class ColumnTypes
{
    private static readonly Lazy<bool> s_registered = new(() =>
    {
        SqlMapper.Settings.PreferTypeHandlersForEnums = true;
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        Add(DbType.Int64, (DateTimeOffset t) => t.ToUnixTimeMilliseconds(), v => DateTimeOffset.FromUnixTimeMilliseconds((long)v));
        Add(DbType.Int64, (AccountId id) => id.Value, v => new AccountId((long)v));
        Add(DbType.Int64, (OrderId id) => id.Value, v => new OrderId((long)v));
        Add(DbType.Int64, (AuthorizationId id) => id.Value, v => new AuthorizationId((long)v));
        Add(DbType.Int64, (ChallengeId id) => id.Value, v => new ChallengeId((long)v));
        Add(DbType.Int64, (IssuanceId id) => id.Value, v => new IssuanceId((long)v));
        Add(DbType.Int64, (RenewalMoveId id) => id.Value, v => new RenewalMoveId((long)v));
        Add(DbType.Int64, (ControlRequestId id) => id.Value, v => new ControlRequestId((long)v));
        Add(DbType.Int64, (EabKeyId id) => id.Value, v => new EabKeyId((long)v));
        Add(DbType.String, (InstanceId id) => id.Value, v => new InstanceId((string)v));
        Add(DbType.Binary, (SerialNumber s) => s.Octets.ToArray(), Serial);
        AddEnum<AccountStatus>();
        AddEnum<OrderStatus>();
        AddEnum<AuthorizationStatus>();
        AddEnum<ChallengeStatus>();
        AddEnum<ControlRequestState>();
        AddEnum<ValidationMethod>();
        AddEnum<IdentifierType>();
        AddEnum<IssuanceState>();
        AddEnum<IssuerRole>();
        AddEnum<RevocationReason>();
        return true;
    });

    /// <summary>Tells Dapper, once per process.</summary>
    public static void Register() => _ = s_registered.Value;

    private static SerialNumber Serial(object value) =>
        SerialNumber.TryCreate((byte[])value, out var serial) ? serial : throw new FormatException("A stored serial number is not one of ours.");

    private static void AddEnum<T>() where T : struct, Enum => Add(DbType.String, WireName.Of<T>, v => WireName.Parse<T>((string)v));

    private static void Add<T, TColumn>(DbType type, Func<T, TColumn> write, Func<object, T> read) =>
        SqlMapper.AddTypeHandler(new Handler<T, TColumn>(type, write, read));

    private sealed class Handler<T, TColumn>(DbType type, Func<T, TColumn> write, Func<object, T> read) : SqlMapper.TypeHandler<T>
    {
        public override void SetValue(IDbDataParameter parameter, T? value)
        {
            parameter.DbType = type;
            parameter.Value = value is null ? DBNull.Value : write(value);
        }

        public override T? Parse(object value) => read(value);
    }
}
