using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>Attributes read from an object; owns their native memory. What the token does not tell is null.</summary>
internal sealed class AttributeValues : IDisposable
{
    private readonly List<IObjectAttribute> _attributes;

    private AttributeValues(List<IObjectAttribute> attributes) => _attributes = attributes;

    /// <summary>Reads attributes of an object; one that the token does not know or tell is no error.</summary>
    public static AttributeValues Read(ISession session, IObjectHandle handle, params ReadOnlySpan<CKA> types) =>
        new(session.GetAttributeValue(handle, types.ToArray().ToList()));

    public bool? Bool(CKA type) => Find(type)?.GetValueAsBool();

    public ulong? Number(CKA type) => Find(type)?.GetValueAsUlong();

    public byte[]? Bytes(CKA type) => Find(type)?.GetValueAsByteArray();

    /// <inheritdoc/>
    public void Dispose() => _attributes.ForEach(attribute => attribute.Dispose());

    private IObjectAttribute? Find(CKA type) =>
        _attributes.Find(attribute => attribute.Type == (ulong)type && !attribute.CannotBeRead);
}
